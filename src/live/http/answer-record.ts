// What is recorded of one answer: its head, the bytes of its body that the node read, and how it ended.
//   A1. It holds only bytes that the node read.
//   A2. At its limit it keeps what it has and takes no more. The node still gets everything.
import type { Value } from '../../base/value.ts';
import type { EffectOutcome } from '../../journal/entry.ts';
import { utf8Text } from '../../journal/http/http-body.ts';
import { decodeBody } from './body-decoding.ts';

/** A journal value holds at most 16 MB; the rest is for what surrounds the body. */
export const answerBytesMax = 15 * 1024 * 1024;

export interface AnswerHead {
  readonly status: number;
  /** The headers that are recorded. */
  readonly headers: Readonly<Record<string, string>>;
  /** The encoding of the bytes that are taken; '' if they are decoded before the node gets them. */
  readonly encoding: string;
}

export type AnswerEnd =
  | { readonly kind: 'complete' }
  /** The node stopped reading. */
  | { readonly kind: 'cancelled' }
  /** It continues: its attempt, or its run, has ended. */
  | { readonly kind: 'open' }
  /** The body broke off. */
  | { readonly kind: 'broken'; readonly error: unknown };

export interface EndedAnswer {
  readonly outcome: EffectOutcome;
  /** The lengths of the parts in which the body arrived. */
  readonly parts: readonly number[];
}

export class AnswerRecord {
  readonly #head: AnswerHead;
  readonly #parts: Uint8Array[] = [];
  #byteCount = 0;
  #isFull = false;

  constructor(head: AnswerHead) {
    this.#head = head;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** `full` is returned once: for the first bytes over the limit. Everything after them is ignored. */
  take(bytes: Uint8Array): 'kept' | 'full' | 'ignored' {
    if (this.#isFull || bytes.byteLength === 0) return 'ignored';
    if (this.#byteCount + bytes.byteLength > answerBytesMax) {
      this.#isFull = true;
      return 'full';
    }
    this.#byteCount += bytes.byteLength;
    // A copy, because the node may change or transfer its own.
    this.#parts.push(new Uint8Array(bytes));
    return 'kept';
  }

  end(given: AnswerEnd): EndedAnswer {
    // The end of a cut-off answer was not recorded, so a replay must not read past what is here.
    const ended: AnswerEnd = this.#isFull ? { kind: 'cancelled' } : given;
    const { status, headers, encoding } = this.#head;
    const taken = Buffer.concat(this.#parts);
    const decoded = encoding === '' ? { body: taken, isDecoded: true } : decodeBody(taken, encoding);
    const value = {
      status,
      // A body that cannot be decoded is recorded encoded, with the name of its encoding, and replayed like that.
      headers: decoded.isDecoded ? headers : { ...headers, 'content-encoding': encoding },
      body: utf8Text(decoded.body) ?? new Uint8Array(decoded.body),
      ended: ended.kind,
      ...(ended.kind === 'broken' ? { error: ended.error as Value } : {}),
    };
    const parts = decoded.body === taken ? this.#parts.map((part) => part.byteLength) : [decoded.body.byteLength];
    return { outcome: { kind: 'value', value }, parts };
  }
}
