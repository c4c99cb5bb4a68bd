// Two values side by side: short ones in a line each, long ones as a diff that shows only what differs.
import { diffLines, diffWordsWithSpace } from 'diff';
import type { Value } from '../base/value.ts';
import { severalLines, shortened } from './plain-text.ts';
import { valueLines, valueText } from './value-text.ts';

const lineLengthMax = 88;
const diffLengthMax = 200_000;
const diffEditsMax = 2_000;
const shownLinesMax = 24;

/** Lines for a report, indented by the caller. Recorded first. */
export function differenceText(recorded: Value, replayed: Value): readonly string[] {
  const left = valueText(recorded, diffLengthMax);
  const right = valueText(replayed, diffLengthMax);
  if (left.length <= lineLengthMax && right.length <= lineLengthMax) return [`recorded  ${left}`, `replayed  ${right}`];
  if (typeof recorded === 'string' && typeof replayed === 'string') return textDifference(recorded, replayed);
  return lineDifference(valueLines(recorded), valueLines(replayed));
}

/** Long texts by words, with a little of what stands around. */
function textDifference(recorded: string, replayed: string): readonly string[] {
  if (recorded.includes('\n') || replayed.includes('\n')) return lineDifference(recorded, replayed);
  const shared = sharedPrefix(recorded, replayed);
  const from = Math.max(0, shared - 30);
  const lead = from > 0 ? '…' : '';
  const cut = (text: string): string => severalLines(shortened(JSON.stringify(lead + text.slice(from)), lineLengthMax));
  const words = recorded.length + replayed.length > 4_000 ? undefined : diffWordsWithSpace(recorded, replayed);
  const removed = words?.filter((part) => part.removed === true).length ?? 0;
  const added = words?.filter((part) => part.added === true).length ?? 0;
  return [
    `recorded  ${cut(recorded)}`,
    `replayed  ${cut(replayed)}`,
    ...(words === undefined
      ? []
      : [`          ${removed} place(s) taken out, ${added} put in; the first at character ${shared}`]),
  ];
}

function sharedPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

function lineDifference(recorded: string, replayed: string): readonly string[] {
  if (recorded.length + replayed.length > diffLengthMax)
    return [`recorded  ${recorded.length} characters`, `replayed  ${replayed.length} characters, too long to show`];
  const parts = diffLines(recorded, replayed, { maxEditLength: diffEditsMax });
  if (parts === undefined) return ['recorded and replayed have hardly a line in common'];
  const lines = parts.flatMap((part) => {
    const mark = part.added === true ? '+' : part.removed === true ? '-' : ' ';
    const own = part.value.replace(/\n$/, '').split('\n');
    return mark === ' ' ? context(own) : own.map((line) => `${mark} ${line}`);
  });
  const shown = lines.slice(0, shownLinesMax).map((line) => severalLines(shortened(line, lineLengthMax + 8)));
  return [
    '- recorded  + replayed',
    ...shown,
    ...(lines.length > shownLinesMax ? [`… ${lines.length - shownLinesMax} more lines`] : []),
  ];
}

/** Of what is equal, two lines at each end are enough. */
function context(lines: readonly string[]): readonly string[] {
  const own = lines.map((line) => `  ${line}`);
  return own.length <= 5 ? own : [...own.slice(0, 2), '  …', ...own.slice(-2)];
}
