import type { Question } from '../journal/question.ts';
import { oneLine } from './plain-text.ts';
import { valueText } from './value-text.ts';

const valueLengthMax = 120;

/** One line for a question that a run waits for an answer to. */
export function questionText(runId: string, { key, node, question }: Question): string {
  return `${oneLine(runId)}  ${oneLine(key)}  "${oneLine(node)}" asks ${valueText(question, valueLengthMax)}\n`;
}
