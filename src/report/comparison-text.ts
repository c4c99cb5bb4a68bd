import type { Comparison } from '../diff/compare-runs.ts';
import { divergenceList, headline } from './divergence-text.ts';
import { plainPalette } from './palette.ts';
import type { Palette } from './palette.ts';
import { oneLine } from './plain-text.ts';
import { count, countsText } from './counts-text.ts';

const shownMax = 3;

export interface ComparisonNames {
  readonly recorded: string;
  readonly replayed: string;
  /** The line to paste that makes this report again. */
  readonly reproduce: string;
}

/** Two runs compared, for people. */
export function comparisonText(
  comparison: Comparison,
  names: ComparisonNames,
  palette: Palette = plainPalette,
): string {
  const { verdict, divergences, omitted, compared, onlyRecorded, onlyReplayed } = comparison;
  const title = `${oneLine(names.recorded)} and ${oneLine(names.replayed)}`;
  if (verdict === 'same') return `${title}: the same (${countsText(compared)})\n`;
  return `${[
    ...headline(`${title} part`, divergences, palette),
    '',
    ...divergenceList(divergences, shownMax, palette),
    ...(omitted > 0 ? [`${omitted} more were found and not listed`] : []),
    ...(onlyRecorded > 0 ? [`${count(onlyRecorded, 'further step')} only in the first`] : []),
    ...(onlyReplayed > 0 ? [`${count(onlyReplayed, 'further step')} only in the second`] : []),
    `compared: ${countsText(compared)}`,
    `reproduce: ${names.reproduce}`,
  ].join('\n')}\n`;
}
