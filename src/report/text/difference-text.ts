// Two values side by side: short ones on one line each, long ones as a diff of only what differs.
import { diffLines, diffWordsWithSpace } from 'diff';
import type { Value } from '../../base/value.ts';
import { severalLines, shortened } from './plain-text.ts';
import { valueLines, valueText } from './value-text.ts';

/** `side` is the run that the line belongs to; absent if it belongs to both, or is about both. */
export interface DifferenceLine {
  readonly side?: 'recorded' | 'replayed';
  readonly text: string;
}

const lineLengthMax = 96;
const afterLabel = (names: SideNames): number => lineLengthMax - sideLabels(names)[0].length;
const wordsLengthMax = 4_000;
const diffLengthMax = 200_000;
const diffEditsMax = 2_000;
const shownLinesMax = 16;
/** How much equal text to show on each side of a difference in a long text. */
const aroundLength = 20;

/** What the two values are called in front of them. */
export type SideNames = readonly [recorded: string, replayed: string];

export const ofReplay: SideNames = ['recorded', 'replayed'];

/** The name of a side, and the space to its value. Both values begin in one column. */
export function sideLabels([one, other]: SideNames): SideNames {
  const length = Math.max(one.length, other.length, ofReplay[0].length) + 2;
  return [one.padEnd(length), other.padEnd(length)];
}

/** Lines for a report, recorded first. The caller indents them. */
export function differenceLines(recorded: Value, replayed: Value, names = ofReplay): readonly DifferenceLine[] {
  if (typeof recorded === 'string' && typeof replayed === 'string') return textDifference(recorded, replayed, names);
  const lengthMax = afterLabel(names);
  const left = valueText(recorded, lengthMax + 1);
  const right = valueText(replayed, lengthMax + 1);
  const isOneSided = recorded === undefined || replayed === undefined;
  if (!isOneSided && (left.length > lengthMax || right.length > lengthMax))
    return lineDifference(valueLines(recorded), valueLines(replayed), names);
  const change = numberDifference(recorded, replayed);
  return both(shortened(left, lengthMax), shortened(right, lengthMax) + change, names);
}

function both(recorded: string, replayed: string, names: SideNames): readonly DifferenceLine[] {
  const [one, other] = sideLabels(names);
  return [
    { side: 'recorded', text: `${one}${recorded}` },
    { side: 'replayed', text: `${other}${replayed}` },
  ];
}

function numberDifference(recorded: Value, replayed: Value): string {
  if (typeof recorded !== 'number' || typeof replayed !== 'number') return '';
  const difference = replayed - recorded;
  if (!Number.isFinite(difference) || difference === 0) return '';
  // Rounded to hide binary fractions: from 0.1 to 0.3 is +0.2.
  return `  (${difference > 0 ? '+' : ''}${Number(difference.toPrecision(12))})`;
}

/** Compares single-line texts by words, and shows only differences with a little context. Longer texts go by lines. */
function textDifference(recorded: string, replayed: string, names: SideNames): readonly DifferenceLine[] {
  if (recorded.includes('\n') || replayed.includes('\n')) return lineDifference(recorded, replayed, names);
  const lengthMax = afterLabel(names);
  if (JSON.stringify(recorded).length <= lengthMax && JSON.stringify(replayed).length <= lengthMax)
    return both(valueText(recorded), valueText(replayed), names);
  if (recorded.length + replayed.length > wordsLengthMax) return farDifference(recorded, replayed, names);
  const words = diffWordsWithSpace(recorded, replayed);
  const sideText = (isOther: (part: { added?: boolean; removed?: boolean }) => boolean): string => {
    // What stands next to something that only the other text has is shown as well.
    const text = words.map((part, index) => {
      if (isOther(part)) return '';
      const isEqual = part.added !== true && part.removed !== true;
      return isEqual ? elided(part.value, { isFirst: index === 0, isLast: index === words.length - 1 }) : part.value;
    });
    return valueText(text.join(''), lengthMax);
  };
  return both(
    sideText((part) => part.added === true),
    sideText((part) => part.removed === true),
    names,
  );
}

/** Shortens a stretch of equal text to what is next to a difference. */
function elided(text: string, place: { readonly isFirst: boolean; readonly isLast: boolean }): string {
  const before = place.isFirst ? 0 : aroundLength;
  const after = place.isLast ? 0 : aroundLength;
  if (text.length <= before + after + 1) return text;
  return `${text.slice(0, before)}…${text.slice(text.length - after)}`;
}

/** For texts that are too long to compare word by word. */
function farDifference(recorded: string, replayed: string, names: SideNames): readonly DifferenceLine[] {
  const shared = sharedPrefix(recorded, replayed);
  const from = Math.max(0, shared - aroundLength);
  const lengthMax = afterLabel(names);
  const cut = (text: string): string => `${from > 0 ? '…' : ''}${valueText(text.slice(from), lengthMax)}`;
  const [one, other] = names;
  const lengths = `${recorded.length} ${one}, ${replayed.length} ${other}`;
  return [
    ...both(cut(recorded), cut(replayed), names),
    { text: `${' '.repeat(sideLabels(names)[0].length)}first difference at character ${shared} (${lengths})` },
  ];
}

function sharedPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}

function lineDifference(recorded: string, replayed: string, names: SideNames): readonly DifferenceLine[] {
  if (recorded.length + replayed.length > diffLengthMax)
    return both(`${recorded.length} characters`, `${replayed.length} characters (too long to show)`, names);
  const [one, other] = names;
  const parts = diffLines(ended(recorded), ended(replayed), { maxEditLength: diffEditsMax });
  if (parts === undefined) return [{ text: `${one} and ${other} have almost no lines in common` }];
  const lines = parts.flatMap((part, index): readonly DifferenceLine[] => {
    const own = part.value.replace(/\n$/, '').split('\n');
    if (part.removed === true) return own.map((line) => ({ side: 'recorded', text: `- ${line}` }));
    if (part.added === true) return own.map((line) => ({ side: 'replayed', text: `+ ${line}` }));
    return context(own, { isFirst: index === 0, isLast: index === parts.length - 1 });
  });
  const shown = lines.slice(0, shownLinesMax);
  const more = lines.length - shown.length;
  return [
    { text: `- ${one}  + ${other}` },
    ...shown.map((line) => ({ ...line, text: severalLines(shortened(line.text, lineLengthMax - 2)) })),
    ...(more > 0 ? [{ text: `… ${more} more ${more === 1 ? 'line' : 'lines'}` }] : []),
  ];
}

/** Without a final newline, the diff would take the last line for a different one. */
function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Keeps two equal lines on each side of a difference. */
function context(
  lines: readonly string[],
  place: { readonly isFirst: boolean; readonly isLast: boolean },
): readonly DifferenceLine[] {
  const before = place.isFirst ? 0 : 2;
  const after = place.isLast ? 0 : 2;
  const own = lines.map((line) => ({ text: `  ${line}` }));
  if (own.length <= before + after + 1) return own;
  return [...own.slice(0, before), { text: '  …' }, ...own.slice(own.length - after)];
}
