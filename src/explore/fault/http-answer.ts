// A recorded HTTP answer, taken apart so that parts of it can be changed.
import { STATUS_CODES } from 'node:http';
import { canonicalRecord, canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { AnswerFacts } from '../../journal/answer-facts.ts';
import type { EffectOutcome, OutcomeFacts } from '../../journal/entry.ts';
import type { GivenAnswer } from './given-answer.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
  /** The byte lengths in which the body comes. */
  readonly parts: readonly number[];
  readonly outcome: EffectOutcome & { readonly kind: 'value' };
  readonly facts: OutcomeFacts;
}

/** Undefined if no answer came, or none that its client had enough of: many leave a stream at its last event. */
export function httpAnswer({ outcome, facts = {} }: GivenAnswer): HttpAnswer | undefined {
  if (outcome.kind === 'error' || !isRecordValue(outcome.value)) return undefined;
  const { status, body, ended } = outcome.value;
  if (typeof status !== 'number' || (ended !== 'complete' && ended !== 'cancelled')) return undefined;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : new Uint8Array(0);
  if (ended === 'cancelled' && bytes.byteLength === 0) return undefined;
  const lengths = facts.parts ?? [];
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const parts = total === bytes.byteLength ? lengths.filter((length) => length > 0) : [bytes.byteLength];
  return { status, body: bytes, parts, outcome, facts };
}

export function typeOf({ facts, outcome }: HttpAnswer): string {
  const compared = isRecordValue(outcome.value) ? outcome.value.headers : undefined;
  const pairs = facts.answer?.headers ?? Object.entries(isRecordValue(compared) ? compared : {});
  return String(pairs.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '');
}

export function textOf({ body }: HttpAnswer): string {
  return Buffer.from(body).toString();
}

/** The first parts of it, and how it ends then. */
export function cutAfter(answer: HttpAnswer, count: number, ended: 'broken' | 'cancelled'): GivenAnswer {
  const kept = answer.parts.slice(0, count);
  const length = kept.reduce((sum, part) => sum + part, 0);
  return changed(answer, { body: answer.body.subarray(0, length), parts: kept, ended });
}

/** Another body, in one part for each one that there was, as far as it goes. */
export function withBody(answer: HttpAnswer, body: Uint8Array, type?: string): GivenAnswer {
  const parts: number[] = [];
  let left = body.byteLength;
  for (const length of answer.parts) {
    if (left === 0) break;
    parts.push(Math.min(left, length));
    left -= parts.at(-1) as number;
  }
  if (left > 0) parts.push(left);
  return changed(answer, { body, parts, ended: 'complete', ...(type === undefined ? {} : { type }) });
}

/** An answer with a status of its own, and what servers usually say with it. */
export function withStatus(answer: HttpAnswer, status: number): GivenAnswer {
  const message = STATUS_CODES[status] ?? 'Error';
  const body = Buffer.from(JSON.stringify({ error: { type: 'fault', message } }));
  return changed(answer, { status, body, parts: [body.byteLength], ended: 'complete', type: 'application/json' });
}

interface Change {
  readonly status?: number;
  readonly body: Uint8Array;
  readonly parts: readonly number[];
  readonly ended: 'complete' | 'broken' | 'cancelled';
  readonly type?: string;
}

function changed({ outcome, facts }: HttpAnswer, { status, body, parts, ended, type }: Change): GivenAnswer {
  const before = outcome.value as { readonly [key: string]: Value };
  const { headers, ...rest } = before;
  const compared = isRecordValue(headers) ? Object.entries(headers) : [];
  const text = Buffer.from(body);
  const isText = Buffer.from(text.toString()).equals(text);
  const value = canonicalValue(
    {
      ...rest,
      body: isText ? text.toString() : new Uint8Array(text),
      ended,
      headers: canonicalRecord(withType(compared as readonly Pair[], type)),
      ...(status === undefined ? {} : { status }),
    },
    'the changed answer',
    { maxBytes: Number.POSITIVE_INFINITY },
  );
  const answer = facts.answer === undefined ? {} : { answer: changedFacts(facts.answer, { status, type }) };
  return { outcome: { kind: 'value', value }, facts: { ...facts, ...answer, parts } };
}

type Pair = readonly [string, string];

function changedFacts(
  facts: AnswerFacts,
  { status, type }: { readonly status: number | undefined; readonly type: string | undefined },
): AnswerFacts {
  const { statusText: _statusText, trailers: _trailers, repeats: _repeats, ...rest } = facts;
  const statusText = status === undefined ? facts.statusText : STATUS_CODES[status];
  return {
    ...rest,
    ...(statusText === undefined ? {} : { statusText }),
    headers: withType(facts.headers, type),
  };
}

function withType(headers: readonly Pair[], type: string | undefined): readonly Pair[] {
  if (type === undefined) return headers;
  return headers.map(([name, value]) => [name, name.toLowerCase() === 'content-type' ? type : value]);
}
