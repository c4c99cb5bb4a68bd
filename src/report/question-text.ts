import type { Value } from '../base/value.ts';
import type { Question } from '../journal/question.ts';
import { timeText } from './run-list.ts';
import { oneLine } from './plain-text.ts';
import { valueText } from './value-text.ts';

const valueLengthMax = 120;

/** One line for a question that a run is waiting on. */
export function questionText(runId: string, { key, node, question }: Question): string {
  return `${oneLine(runId)}  ${oneLine(key)}  "${oneLine(node)}" asks ${valueText(question, valueLengthMax)}\n`;
}

/** One line for a run that is waiting for a time rather than for a person. */
export function sleepText(runId: string, wakeAt: number): string {
  return `${oneLine(runId)}  waits until ${timeText(wakeAt)}\n`;
}

/** One line for an effect in doubt: nobody knows whether it happened. */
export function doubtText(runId: string, { address, node, request, beganAt }: DoubtfulEffect): string {
  const asked = valueText(request, valueLengthMax);
  return `${oneLine(runId)}  ${address}  "${oneLine(node)}" began it at ${timeText(beganAt)}, and nobody knows whether it happened: ${asked}\n`;
}

interface DoubtfulEffect {
  readonly address: string;
  readonly node: string;
  readonly request: Value;
  readonly beganAt: number;
}
