// What a step did to the state, one line per field.
import type { Value } from '../../base/value.ts';
import { sameValue } from '../../base/equal.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import { count } from '../text/counts-text.ts';
import { oneLine } from '../text/plain-text.ts';
import { valueText } from '../text/value-text.ts';

const fieldsShownMax = 12;
const valueLengthMax = 36;

export function stateChangeLines(before: Value, after: Value): readonly string[] {
  if (Object.is(before, after)) return [];
  if (!isRecordValue(before) || !isRecordValue(after))
    return sameValue(before, after) ? [] : [`state  ${changeText(before, after)}`];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !sameValue(ownField(before, name), ownField(after, name)),
  );
  const shown = names.slice(0, fieldsShownMax);
  const more = names.length - shown.length;
  return [
    ...shown.map((name) => `${oneLine(name)}  ${changeText(ownField(before, name), ownField(after, name))}`),
    ...(more > 0 ? [`and ${count(more, 'more field')}`] : []),
  ];
}

function changeText(before: Value, after: Value): string {
  if (Array.isArray(before) && Array.isArray(after) && isContinued(before, after)) {
    const added = after.slice(before.length) as readonly Value[];
    return `+ ${count(added.length, 'item')}: ${valueText(added.length === 1 ? added[0] : added, 2 * valueLengthMax)}`;
  }
  return `${valueText(before, valueLengthMax)} → ${valueText(after, valueLengthMax)}`;
}

/** Whether a list only grew. Folds share unchanged items, so comparing the first and last old item is enough. */
function isContinued(before: readonly Value[], after: readonly Value[]): boolean {
  if (after.length <= before.length) return false;
  return before.length === 0 || (sameValue(before[0], after[0]) && sameValue(before.at(-1), after[before.length - 1]));
}
