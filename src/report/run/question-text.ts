import type { Value } from '../../base/value.ts';
import type { Question } from '../../journal/step/question.ts';
import { timeText } from './run-list.ts';
import { oneLine, shortened } from '../text/plain-text.ts';
import { valueText } from '../text/value-text.ts';

const valueLengthMax = 120;
/** What Reprise asks has the name of an effect in it. */
const messageLengthMax = 300;

/** What is asked: its text, and then what else there is. Of an effect in doubt: its request, by which a person knows it. */
export function askedText(question: Value): string {
  const doubt = doubtOf(question);
  if (doubt !== undefined) {
    const { message, request, occurrence, idempotencyKey } = doubt;
    const which = occurrence === 0 ? 'Its request' : `It is number ${occurrence + 1} with this request`;
    const key = idempotencyKey === undefined ? '' : `, with the idempotency key ${oneLine(idempotencyKey)}`;
    return `${oneLine(shortened(message, messageLengthMax))} ${which}: ${valueText(request, valueLengthMax)}${key}`;
  }
  const { text, ...rest } = textOf(question);
  if (text === undefined) return valueText(question, valueLengthMax);
  const asked = valueText(text, valueLengthMax);
  return Object.keys(rest).length === 0 ? asked : `${asked} ${valueText(rest, valueLengthMax)}`;
}

interface AskedDoubt {
  readonly message: string;
  readonly request: Value;
  readonly occurrence: number;
  readonly idempotencyKey?: string;
}

/** What Reprise itself asks (`onDoubt: 'ask'`). Its identity of the effect holds a digest, which tells people nothing. */
function doubtOf(question: Value): AskedDoubt | undefined {
  if (typeof question !== 'object' || question === null || Array.isArray(question)) return undefined;
  const { effect, message, occurrence, request, idempotencyKey, ...rest } = question as {
    readonly [name: string]: Value;
  };
  const isDoubt =
    typeof effect === 'string' &&
    /^\["(?:call|http)",/.test(effect) &&
    typeof message === 'string' &&
    typeof occurrence === 'number' &&
    Object.keys(rest).length === 0;
  if (!isDoubt) return undefined;
  return { message, request, occurrence, ...(typeof idempotencyKey === 'string' ? { idempotencyKey } : {}) };
}

function textOf(question: Value): { readonly text?: string } & { readonly [name: string]: Value } {
  const isRecord = typeof question === 'object' && question !== null && !Array.isArray(question);
  const { text } = (isRecord ? question : {}) as { readonly text?: Value };
  return typeof text === 'string' ? { ...(question as { readonly [name: string]: Value }), text } : {};
}

/** One line for a question that a run is waiting on, with its id: an answer by id is for what this line says alone. */
export function questionText(runId: string, { id, node, question }: Question): string {
  return `${oneLine(runId)}  ${askedText(question)}  ${oneLine(id)}  asked by "${oneLine(node)}"\n`;
}

/** One line for signals that a run is waiting for. */
export function signalsText(runId: string, names: readonly string[]): string {
  return `${oneLine(runId)}  waits for ${names.map((name) => oneLine(JSON.stringify(name))).join(', ')}\n`;
}

/** One line for a run that is waiting for a time rather than for a person, or whose answer has come. */
export function sleepText(runId: string, wakeAt: number, now: number): string {
  const what = wakeAt > now ? 'waits until' : 'waits for a worker that can drive it, since';
  return `${oneLine(runId)}  ${what} ${timeText(wakeAt)}\n`;
}

/** One line for an effect in doubt: nobody knows whether it happened. */
export function doubtText(
  runId: string,
  { address, node, request, idempotencyKey, beganAt, decided }: DoubtfulEffect,
): string {
  const asked = valueText(request, valueLengthMax);
  const known =
    decided === undefined
      ? 'nobody knows whether it happened'
      : `${decided.by === undefined ? 'it' : oneLine(decided.by)} ${decided.by === undefined ? 'is decided' : 'has decided'}: ${valueText(decided.decision, valueLengthMax)}`;
  return `${oneLine(runId)}  ${address}  "${oneLine(node)}" began it at ${timeText(beganAt)}, and ${known}: ${asked}, with the idempotency key ${idempotencyKey}\n`;
}

interface DoubtfulEffect {
  readonly address: string;
  readonly node: string;
  readonly request: Value;
  readonly idempotencyKey: string;
  readonly beganAt: number;
  readonly decided?: { readonly decision: Value; readonly by?: string };
}
