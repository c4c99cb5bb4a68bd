// The ways in which an effect can fail, as data: one entry a kind. What is not named by an entry cannot stand in a schedule.
//   K1. `call` and `http` make of what an effect was answered with what it gets instead; undefined where that cannot be.
//   K2. What is not served has not happened outside.
import { sameValue } from '../../base/equal.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { errorValue } from '../../engine/rules/failure.ts';
import type { EffectRef } from '../../journal/entry.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import { bodyWithText, htmlPage, toHalf, toOther, withText } from './answer-text.ts';
import type { TextChange } from './answer-text.ts';
import { cutAfter, httpAnswer, textOf, typeOf, withBody, withStatus } from './http-answer.ts';
import type { HttpAnswer } from './http-answer.ts';
import type { GivenAnswer } from './given-answer.ts';

export interface FaultKind {
  /** After "when the answer to …". `more`: what stands in a schedule behind the kind. */
  says(more: FaultMore): string;
  /** What may stand behind it in a schedule; `none` by default. */
  readonly more?: 'number' | readonly string[];
  /** Those that a plan tries. */
  readonly tried?: (answer: GivenAnswer) => readonly FaultMore[];
  /** The outside has not done it. */
  readonly isUnserved?: true;
  /** Milliseconds until it comes; without an end, if it never does. */
  readonly lateMs?: (more: FaultMore) => number;
  readonly call?: (value: Value, more: FaultMore, name: string) => GivenAnswer | undefined;
  readonly http?: (answer: HttpAnswer, more: FaultMore) => GivenAnswer | undefined;
}

export type FaultMore = number | string | undefined;

/**
 * A way in which an effect can fail, as schedules and reports name it. The names are stable, since saved schedules
 * contain them.
 */
export type FaultName =
  | 'error'
  | 'status'
  | 'reset'
  | 'timeout'
  | 'slow'
  | 'broken'
  | 'stalled'
  | 'empty'
  | 'truncated'
  | 'malformed';

const slowMs = 60_000;
const triedStatuses = [500, 429, 529];

export const faultKinds: Readonly<Record<FaultName, FaultKind>> = {
  error: {
    says: () => 'is an error',
    isUnserved: true,
    call: (_answered, _more, name) => failed(`fault: "${name}" fails`),
  },
  status: {
    says: (status) => `has status ${status}`,
    more: 'number',
    tried: () => triedStatuses,
    http: (answer, status) => withStatus(answer, Number(status)),
  },
  reset: {
    says: () => 'is lost, as its connection breaks',
    call: (_answered, _more, name) => failed(`fault: the connection of "${name}" was reset`, { code: 'ECONNRESET' }),
    http: ({ facts: { answer: _answer, ...facts } }) => ({ outcome: value({ ended: 'broken' }), facts }),
  },
  timeout: {
    says: () => 'never comes',
    lateMs: () => Number.POSITIVE_INFINITY,
    call: given,
    // A client that waits for a head learns of its own time limit; it would not while its request is held back.
    http: ({ facts: { answer: _answer, ...facts } }) => ({ outcome: value({ ended: 'cancelled' }), facts }),
  },
  slow: {
    says: (ms) => `comes ${ms} ms late`,
    more: 'number',
    tried: () => [slowMs],
    lateMs: Number,
    call: given,
    http: (answer) => answer,
  },
  broken: {
    says: (part) => `breaks off behind part ${part}`,
    more: 'number',
    tried: middle,
    http: (answer, part) => cutAfter(answer, Number(part), 'broken'),
  },
  stalled: {
    says: (part) => `stops coming behind part ${part}`,
    more: 'number',
    tried: middle,
    http: (answer, part) => cutAfter(answer, Number(part), 'cancelled'),
  },
  empty: {
    says: () => 'is empty',
    call: (answered) => ifOther(answered, emptied(answered)),
    http: (answer) => (answer.body.byteLength === 0 ? undefined : withBody(answer, new Uint8Array(0))),
  },
  truncated: {
    says: () => 'ends in its middle',
    call: (answered) => ifOther(answered, halved(answered)),
    http: (answer) => (answer.body.byteLength < 2 ? undefined : withBody(answer, inMidEvent(answer))),
  },
  malformed: {
    says: (how) => malformed[how as keyof typeof malformed].says,
    more: ['cut', 'other', 'html'],
    tried: () => Object.keys(malformed),
    call: (answered, how) => ifOther(answered, malformed[how as keyof typeof malformed].call(answered)),
    http: (answer, how) => malformed[how as keyof typeof malformed].http(answer),
  },
};

/** What a model can say that no code expects. */
const malformed = {
  cut: {
    says: 'holds half of its text',
    // Of a mere text, that is where it ends in its middle.
    call: (answered: Value) => (typeof answered === 'string' ? undefined : withText(answered, toHalf)?.answer),
    http: (answer: HttpAnswer) => withChangedText(answer, toHalf),
  },
  other: {
    says: 'holds another text',
    call: (answered: Value) => withText(answered, toOther)?.answer,
    http: (answer: HttpAnswer) => withChangedText(answer, toOther),
  },
  html: {
    says: 'is a page of HTML',
    call: (answered: Value) => (withText(answered, toOther) === undefined ? undefined : htmlPage),
    http: (answer: HttpAnswer) => withBody(answer, Buffer.from(htmlPage), 'text/html; charset=utf-8'),
  },
} as const;

const textChanges: ReadonlyMap<FaultMore, TextChange> = new Map([
  ['cut', toHalf],
  ['other', toOther],
]);

/** Undefined where the fault cannot happen to it. */
export function faultyAnswer(
  { kind, more }: { readonly kind: FaultName; readonly more?: FaultMore },
  { type, name }: Pick<EffectRef, 'type' | 'name'>,
  answer: GivenAnswer,
): GivenAnswer | undefined {
  const { call, http } = faultKinds[kind];
  if (type === 'http') {
    const whole = httpAnswer(answer);
    return whole === undefined || http === undefined ? undefined : http(whole, more);
  }
  return type === 'call' && answer.outcome.kind === 'value' ? call?.(answer.outcome.value, more, name) : undefined;
}

/** Where the text stands that a fault changes; empty where it changes no text, or the answer is nothing but that. */
export function changedPlace(
  { kind, more }: { readonly kind: FaultName; readonly more?: FaultMore },
  answer: GivenAnswer,
): string {
  const change = kind === 'malformed' ? textChanges.get(more) : undefined;
  if (change === undefined || answer.outcome.kind === 'error') return '';
  const whole = httpAnswer(answer);
  const changed =
    whole === undefined ? withText(answer.outcome.value, change) : bodyWithText(textOf(whole), typeOf(whole), change);
  return changed?.place ?? '';
}

function given(answered: Value): GivenAnswer {
  return { outcome: { kind: 'value', value: answered } };
}

function value(of: unknown): GivenAnswer['outcome'] {
  return { kind: 'value', value: canonicalValue(of, 'the changed answer') };
}

function failed(message: string, fields: { readonly code?: string } = {}): GivenAnswer {
  return { outcome: { kind: 'error', error: errorValue(Object.assign(new Error(message), fields), undefined) } };
}

function ifOther(answered: Value, changed: Value): GivenAnswer | undefined {
  return changed === undefined || sameValue(changed, answered) ? undefined : { outcome: value(changed) };
}

function emptied(answered: Value): Value {
  if (typeof answered === 'string') return '';
  if (Array.isArray(answered)) return [];
  return typeof answered === 'object' && answered !== null && isRecordValue(answered) ? {} : undefined;
}

function halved(answered: Value): Value {
  if (typeof answered === 'string') return toHalf(answered);
  if (Array.isArray(answered)) return answered.slice(0, Math.ceil(answered.length / 2));
  if (typeof answered !== 'object' || answered === null || !isRecordValue(answered)) return undefined;
  const fields = Object.entries(answered);
  return Object.fromEntries(fields.slice(0, Math.floor(fields.length / 2)));
}

/** Of a stream of events, in the middle of one. */
function inMidEvent(answer: HttpAnswer): Uint8Array {
  const middleByte = Math.ceil(answer.body.byteLength / 2);
  const before = Buffer.from(answer.body.subarray(0, middleByte));
  // Where an event has just ended, the next one is cut in its middle instead.
  const isBetween = /event-stream/i.test(typeOf(answer)) && /\n\s*$/.test(before.toString());
  return answer.body.subarray(0, isBetween ? Math.min(middleByte + 8, answer.body.byteLength - 1) : middleByte);
}

function middle(answer: GivenAnswer): readonly number[] {
  const parts = httpAnswer(answer)?.parts.length ?? 0;
  return parts === 0 ? [] : [Math.floor(parts / 2)];
}

function withChangedText(answer: HttpAnswer, change: TextChange): GivenAnswer | undefined {
  const changed = bodyWithText(textOf(answer), typeOf(answer), change);
  return changed === undefined ? undefined : withBody(answer, Buffer.from(changed.answer));
}
