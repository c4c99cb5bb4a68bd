// What a step changed of a state, field by field.
import type { Json } from '../../base/encode.ts';
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { isRecordValue, ownField } from '../../journal/record-value.ts';
import type { StateChange } from './page-model.ts';

export type ValueOf = (value: Value) => Json;

export function stateChanges(before: Value, after: Value, toJson: ValueOf): readonly StateChange[] {
  if (Object.is(before, after)) return [];
  if (!isRecordValue(after)) return [{ field: '', kind: 'set', value: toJson(after) }];
  const old = isRecordValue(before) ? before : {};
  const gone = Object.keys(old).filter((field) => !Object.hasOwn(after, field));
  return [
    ...Object.keys(after).flatMap((field) => fieldChange(field, ownField(old, field), ownField(after, field), toJson)),
    ...gone.map((field) => ({ field, kind: 'remove' }) as const),
  ];
}

function fieldChange(field: string, before: Value, after: Value, toJson: ValueOf): readonly StateChange[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && isContinued(before, after))
    return [{ field, kind: 'append', items: after.slice(before.length).map((item) => toJson(item as Value)) }];
  return sameValue(before, after) ? [] : [{ field, kind: 'set', value: toJson(after) }];
}

/** Folds share the items that stay. */
function isContinued(before: readonly Value[], after: readonly Value[]): boolean {
  return after.length > before.length && before.every((item, place) => Object.is(item, after[place]));
}
