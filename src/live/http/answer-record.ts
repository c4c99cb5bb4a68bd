// What is recorded of one exchange: the head of the answer, the bytes that the node took of its body, and how it ended.
//   A1. It is settled once; whatever comes after that is of no account.
//   A2. It holds the bytes that the node took, never more.
//   A3. Neither its limit nor its settling ever changes what the node gets.
import { RepriseError } from '../../base/error.ts';
import type { Value } from '../../base/value.ts';
import type { EffectOutcome } from '../../journal/entry.ts';
import { utf8Text } from '../../journal/http/http-body.ts';
import type { CurrentAttempt, OpenExchange } from '../../port/attempt.ts';
import { decodeBody } from './body-decoding.ts';
import { recordedHeaders } from './recorded-headers.ts';

/** A journal's value is at most 16 MB; the rest is for what stands around the body. */
const bodyBytesMax = 15 * 1024 * 1024;

interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How the bytes that are taken are encoded; '' where they are decoded before the node takes them. */
  readonly encoding: string;
}

type Ended =
  | { readonly kind: 'complete' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'broken'; readonly error: unknown };

export class AnswerRecord {
  readonly #attempt: CurrentAttempt;
  readonly #what: string;
  readonly #moreHeaders: readonly string[];
  #exchange: OpenExchange | undefined;
  #head: Head | undefined;
  #taken: Uint8Array[] = [];
  #takenBytes = 0;
  #isCutOff = false;

  constructor(attempt: CurrentAttempt, what: string, moreHeaders: readonly string[] = []) {
    this.#attempt = attempt;
    this.#what = what;
    this.#moreHeaders = moreHeaders;
  }

  begin(exchange: OpenExchange): void {
    this.#exchange = exchange;
  }

  /** Whether an answer has come. */
  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  head(status: number, headers: Iterable<readonly [string, string]>, encoding: string): void {
    this.#head = { status, headers: recordedHeaders(headers, this.#moreHeaders), encoding };
  }

  take(bytes: Uint8Array): void {
    if (this.#exchange === undefined || this.#isCutOff || bytes.byteLength === 0) return;
    if (this.#takenBytes + bytes.byteLength > bodyBytesMax) {
      this.#isCutOff = true;
      this.#attempt.noteUnrecorded(
        `the answer to ${this.#what} beyond its first ${this.#takenBytes} bytes: it is larger than ${bodyBytesMax}`,
      );
      return;
    }
    this.#takenBytes += bytes.byteLength;
    // A copy: the node may do with its bytes what it likes.
    this.#taken.push(new Uint8Array(bytes));
  }

  complete(): void {
    this.#end(this.#isCutOff ? { kind: 'cancelled' } : { kind: 'complete' });
  }

  /** The node stopped reading. */
  cancel(): void {
    this.#end({ kind: 'cancelled' });
  }

  /** The body broke off. */
  break(error: unknown): void {
    this.#end(this.#isCutOff ? { kind: 'cancelled' } : { kind: 'broken', error });
  }

  /** No answer came. */
  fail(error: unknown): void {
    this.#settle({ kind: 'error', error: error as Value }, []);
  }

  #end(ended: Ended): void {
    const head = this.#head;
    if (this.#exchange === undefined || head === undefined) return;
    const taken = Buffer.concat(this.#taken);
    const decoded = head.encoding === '' ? { body: taken, isDecoded: true } : decodeBody(taken, head.encoding);
    // The very bytes, with the name of their encoding, where they cannot be decoded: then a replay gives those.
    const headers = decoded.isDecoded ? head.headers : { ...head.headers, 'content-encoding': head.encoding };
    const lengths = decoded.body === taken ? this.#taken.map((part) => part.byteLength) : [decoded.body.byteLength];
    const value = {
      status: head.status,
      headers,
      body: utf8Text(decoded.body) ?? new Uint8Array(decoded.body),
      ended: ended.kind,
      ...(ended.kind === 'broken' ? { error: ended.error as Value } : {}),
    };
    this.#settle({ kind: 'value', value }, lengths);
  }

  #settle(outcome: EffectOutcome, parts: readonly number[]): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#taken = [];
    exchange?.settle(outcome, parts);
  }
}

/** Why an exchange that nobody waits for any more is stopped: what stopped the attempt, if something did. */
export function abandonReason(attempt: CurrentAttempt, what: string): unknown {
  if (attempt.signal.aborted) return attempt.signal.reason;
  return new RepriseError('effect-abandoned', `${what} was still open when its task had returned`, {
    nextStep: 'Read the answer to its end, or cancel it, before the node returns.',
  });
}
