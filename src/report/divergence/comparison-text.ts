import type { Comparison } from '../../diff/compare-runs.ts';
import { divergenceList, headline } from './divergence-text.ts';
import { sideNames } from './side-names.ts';
import { plainPalette } from '../text/palette.ts';
import type { Palette } from '../text/palette.ts';
import { oneLine } from '../text/plain-text.ts';
import { count, countsText } from '../text/counts-text.ts';

const shownMax = 3;

/** What `comparisonText` calls the two runs, and how it tells its reader to repeat the comparison. */
export interface ComparisonNames {
  readonly recorded: string;
  readonly replayed: string;
  /** The command line that makes this report again. */
  readonly reproduce: string;
}

/** The comparison of two recorded runs, for people. What one of them did is accepted in no fixture: nothing was replayed. */
export function comparisonText(
  comparison: Comparison,
  names: ComparisonNames,
  palette: Palette = plainPalette,
): string {
  const { verdict, divergences, roots, omitted, compared, causes, onlyRecorded, onlyReplayed } = comparison;
  const [recorded, replayed] = [oneLine(names.recorded), oneLine(names.replayed)];
  const title = `${recorded} and ${replayed}`;
  if (verdict === 'same') return `${title} are the same (${countsText(compared)})\n`;
  return `${[
    ...headline(`${title} diverge`, divergences, { causes, roots }, palette),
    '',
    ...divergenceList(divergences, roots, shownMax, palette, { names: sideNames(recorded, replayed) }),
    ...(omitted > 0 ? [`${count(omitted, 'more divergence')} not listed`] : []),
    ...(onlyRecorded > 0 ? [`${count(onlyRecorded, 'more step')} only in ${recorded}`] : []),
    ...(onlyReplayed > 0 ? [`${count(onlyReplayed, 'more step')} only in ${replayed}`] : []),
    `compared: ${countsText(compared)}`,
    `reproduce: ${names.reproduce}`,
  ].join('\n')}\n`;
}
