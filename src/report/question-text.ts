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
