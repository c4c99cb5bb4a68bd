// What is recorded of one answer: its head, the bytes of its body that the node read, and how it ended.
//   A1. It holds only bytes that the node read, as they were then, or those that its client keeps for it, and says so.
//   A2. It is recorded whole or not at all: a body over a limit is let go, and takes no more. The node still gets
//       everything.
import type { Value } from '../../../base/value.ts';
import { adopt, canonicalRecord, frozenBytes, holdsBytes } from '../../../base/value.ts';
import type { AnswerFacts } from '../../../journal/answer-facts.ts';
import type { EffectOutcome, OutcomeFacts } from '../../../journal/entry.ts';
import type { EventLoop } from '../../../port/event-loop.ts';
import { utf8Text } from '../../../journal/http/http-body.ts';
import { decodeBody } from '../body/body-decoding.ts';
import type { BodyLimits } from '../body/body-limits.ts';
import { recordedError } from './recorded-error.ts';

export type Pairs = readonly (readonly [string, string])[];

export interface AnswerHead {
  readonly status: number;
  /** What is recorded of the head besides its status. */
  readonly facts: AnswerFacts;
  /** The headers that are compared. */
  readonly compared: Readonly<Record<string, string>>;
  /** The coding of the bytes that are taken; '' if they are decoded before the node gets them. */
  readonly encoding: string;
}

export type AnswerEnd =
  | { readonly kind: 'complete'; readonly trailers?: Pairs }
  /** The node stopped reading. */
  | { readonly kind: 'cancelled' }
  /** It continues: its attempt, or its run, has ended. */
  | { readonly kind: 'open' }
  /** The body broke off; without an error, its connection just ended. */
  | { readonly kind: 'broken'; readonly error?: unknown };

export interface EndedAnswer {
  readonly outcome: EffectOutcome;
  readonly facts: OutcomeFacts;
}

/** The node stopped an exchange before its answer began. */
export const stoppedUnanswered: EndedAnswer = Object.freeze({
  outcome: Object.freeze({ kind: 'value', value: canonicalRecord([['ended', 'cancelled']]) } as const),
  facts: Object.freeze({}),
});

const nothing = new Uint8Array(0);

/** A server may send each byte on its own. What comes behind so many parts is kept as one. */
export const partsMax = 262_144;

export class AnswerRecord {
  readonly #head: AnswerHead;
  readonly #limits: BodyLimits;
  /** The body so far, at the beginning of a buffer that may be longer. */
  #bytes: Uint8Array = nothing;
  #byteCount = 0;
  #parts: number[] = [];
  #isLetGo = false;
  #endsWithPart = false;
  #isKept = false;
  readonly #settled: EventLoop['settled'] | undefined;
  /** Runs of parts that came apart from what was before them: first and count. */
  #apart: [number, number][] | undefined;
  /** How often something has come. */
  #count = 0;
  /** Of how much of that all has been done that follows at once. */
  #doneCount = 0;
  #isSettling = false;

  /** `settled`: tells when all has been done that follows at once; without it, all parts come together. */
  constructor(head: AnswerHead, limits: BodyLimits, settled?: EventLoop['settled']) {
    this.#head = head;
    this.#limits = limits;
    this.#settled = settled;
    this.#came();
  }

  /** The head, a part or the end has come. */
  #came(): void {
    this.#count += 1;
    if (!this.#isSettling) this.#settle();
  }

  /** Asks once for all that comes meanwhile: thousands of parts may come in one packet. */
  #settle(): void {
    const count = this.#count;
    this.#isSettling = true;
    this.#settled?.(() => {
      this.#doneCount = count;
      this.#isSettling = false;
      if (this.#count > count) this.#settle();
    });
  }

  #noteApart(): void {
    if (this.#settled === undefined || this.#doneCount < this.#count) return;
    const place = this.#parts.length;
    this.#apart ??= [];
    const last = this.#apart.at(-1);
    if (last !== undefined && last[0] + last[1] === place) last[1] += 1;
    else this.#apart.push([place, 1]);
  }

  /** Nothing where it is not known. */
  #apartOf(parts: readonly number[]): Pick<AnswerFacts, 'apart'> {
    if (this.#settled === undefined || parts.length !== this.#parts.length) return {};
    if (this.#apart !== undefined) return { apart: this.#apart };
    return parts.length > 1 ? { apart: [] } : {};
  }

  get isLetGo(): boolean {
    return this.#isLetGo;
  }

  /**
   * Whether the body is still recorded. `endsWithPart`: the end came together with these bytes. `isKept`: the client keeps
   * them until somebody reads.
   */
  take(bytes: Uint8Array, endsWithPart = false, isKept = false): boolean {
    const { byteLength } = bytes;
    if (this.#isLetGo || byteLength === 0) return !this.#isLetGo;
    const needed = this.#byteCount + byteLength;
    if (needed > this.#limits.bodyBytesMax || !this.#makeRoom(needed)) {
      this.#isLetGo = true;
      this.release();
      return false;
    }
    this.#bytes.set(bytes, this.#byteCount);
    this.#byteCount = needed;
    this.#endsWithPart = endsWithPart;
    this.#isKept = isKept;
    if (this.#parts.length > partsMax) {
      this.#parts[partsMax] = (this.#parts[partsMax] as number) + byteLength;
      return true;
    }
    this.#noteApart();
    this.#parts.push(byteLength);
    this.#came();
    return true;
  }

  #makeRoom(needed: number): boolean {
    const { byteLength } = this.#bytes;
    if (needed <= byteLength) return true;
    // Exactly as much for a body in one part; then twice as much each time, so that many small parts cost little.
    const room = byteLength === 0 ? needed : Math.max(needed, 2 * byteLength);
    if (!this.#limits.held.take(room - byteLength)) return false;
    const before = this.#bytes;
    // From a pool: most bodies are small, and memory of its own costs more than they do.
    this.#bytes = Buffer.allocUnsafe(room);
    this.#bytes.set(before.subarray(0, this.#byteCount));
    return true;
  }

  /** It is no longer held in memory. */
  release(): void {
    this.#limits.held.give(this.#bytes.byteLength);
    this.#bytes = nothing;
    this.#byteCount = 0;
    this.#parts = [];
  }

  end(ended: AnswerEnd): EndedAnswer {
    const { status, compared, encoding, facts } = this.#head;
    if (ended.kind !== 'open') this.#noteApart();
    const taken = this.#bytes.subarray(0, this.#byteCount);
    const decoded = encoding === '' ? undefined : decodeBody(taken, this.#parts, encoding, ended.kind === 'complete');
    const body = decoded?.body ?? taken;
    const isUndecodable = encoding !== '' && decoded === undefined;
    const text = utf8Text(body);
    const parts = decoded?.parts ?? this.#parts;
    // In canonical order.
    const record: Record<string, Value> = { body: text ?? frozenBytes(body), ended: ended.kind };
    if (ended.kind === 'broken' && ended.error !== undefined) record.error = recordedError(ended.error);
    // A body that cannot be decoded is recorded encoded, with the name of its coding, and replayed like that.
    record.headers = canonicalHeaders(isUndecodable ? { ...compared, 'content-encoding': encoding } : compared);
    record.status = status;
    const value = adopt(record, text === undefined || holdsBytes(record.error));
    const trailers = ended.kind === 'complete' ? (ended.trailers ?? []) : [];
    const answer: AnswerFacts = {
      ...facts,
      ...(decoded === undefined ? {} : { encoding }),
      ...(trailers.length === 0 ? {} : { trailers }),
      ...(this.#endsWithPart ? { endsWithPart: true } : {}),
      ...(this.#isKept ? { kept: true } : {}),
      ...this.#apartOf(parts),
    };
    return { outcome: { kind: 'value', value }, facts: { parts, answer } };
  }
}

function canonicalHeaders(headers: Readonly<Record<string, string>>): Value {
  return canonicalRecord(Object.entries(headers));
}
