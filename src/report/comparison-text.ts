import type { Comparison } from '../diff/compare-runs.ts';
import { divergenceList, divergenceSentence } from './divergence-text.ts';
import { oneLine } from './plain-text.ts';
import { countsText } from './replay-text.ts';

const shownMax = 5;

/** Two runs compared, for people. */
export function comparisonText(
  comparison: Comparison,
  names: { readonly recorded: string; readonly replayed: string; readonly reproduce: string },
): string {
  const { verdict, divergences, omitted, compared, onlyRecorded, onlyReplayed } = comparison;
  const title = `${oneLine(names.recorded)} and ${oneLine(names.replayed)}`;
  if (verdict === 'same') return `${title}: the same (${countsText(compared)})\n`;
  const first = divergences[0];
  return `${[
    `${title}: they part: ${first === undefined ? '' : divergenceSentence(first)}`,
    '',
    ...divergenceList(divergences, shownMax),
    ...(omitted > 0 ? [`${omitted} more were found and not listed`] : []),
    ...(onlyRecorded > 0 ? [`${onlyRecorded} further step(s) only in the first`] : []),
    ...(onlyReplayed > 0 ? [`${onlyReplayed} further step(s) only in the second`] : []),
    `compared: ${countsText(compared)}`,
    `reproduce: ${names.reproduce}`,
  ].join('\n')}\n`;
}
