// The built-in fields, merged without user code: by the engine during a run, and by every reader of a journal (show,
// diff, resume) when the code is gone.
//   B1. Values and deltas are canonical, and so are results. Parts that did not change are shared.
//   B2. Merging several deltas at once gives the same as merging one after the other, at the cost of one copy.
import { assert } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import { adopt, holdsBytes } from '../../base/value.ts';
import type { FieldDescription } from '../description.ts';
import { checkFieldDelta, deltaInvalid, expectItems, expectNumber } from './field-delta.ts';
import { isRecordValue, withFields } from '../record-value.ts';
import { unite } from './united-set.ts';
import type { RecordKey } from './upserted-list.ts';
import { upsert } from './upserted-list.ts';

/** Whether merging this field takes a user function, so that the journal has to hold the result. */
export function needsUserCode(description: FieldDescription): boolean {
  if (description.onConflict === 'custom' || description.kind === 'reduce') return true;
  return description.kind === 'upsert' && description.key === undefined;
}

/**
 * The value of a field after one delta.
 *
 * @throws RepriseError `node-output-invalid` with the path, if the delta is not what this kind of field takes.
 */
export function mergeBuiltIn(description: FieldDescription, value: Value, delta: Value, path: string): Value {
  return mergeAllBuiltIn(description, value, [delta], path);
}

/**
 * The value of a field after several deltas, in rank order. The caller has checked for conflicts: here the last write
 * wins.
 *
 * @throws like `mergeBuiltIn`
 */
export function mergeAllBuiltIn(
  description: FieldDescription,
  value: Value,
  deltas: readonly Value[],
  path: string,
): Value {
  for (const delta of deltas) checkFieldDelta(description, delta, path);
  return mergeChecked(description, value, deltas, path);
}

/** The same, for deltas that are known to fit. */
export function mergeChecked(
  description: FieldDescription,
  value: Value,
  deltas: readonly Value[],
  path: string,
  keyOf?: (record: Value) => Value,
): Value {
  switch (description.kind) {
    case 'last':
    case 'text':
      return deltas.length === 0 ? value : deltas[deltas.length - 1];
    case 'append':
      return appendItems(expectItems(value, path, 'append()'), deltas as readonly (readonly Value[])[]);
    case 'sum':
    case 'min':
    case 'max':
      return deltas.reduce<number>(numberFolds[description.kind], expectNumber(value, path, description.kind)) as Value;
    case 'union':
      if (!(value instanceof Set)) throw deltaInvalid(path, value, 'a set', 'union()');
      return unite(value, deltas as readonly Iterable<Value>[]);
    case 'merge':
      return mergeRecords(value, deltas, path);
    case 'upsert':
      return upsert(
        expectItems(value, path, 'upsert()'),
        deltas as readonly (readonly Value[])[],
        recordKey(description, keyOf),
      );
    case 'reduce':
      assert(false, 'a field made by reduce() is merged by its own function');
  }
}

function recordKey(description: FieldDescription, keyOf: ((record: Value) => Value) | undefined): RecordKey {
  const key = keyOf ?? description.key;
  assert(key !== undefined, 'a field made by upsert() has a key');
  return key;
}

const numberFolds = {
  sum: (value: number, delta: Value): number => value + (delta as number),
  min: (value: number, delta: Value): number => Math.min(value, delta as number),
  max: (value: number, delta: Value): number => Math.max(value, delta as number),
} as const;

function appendItems(list: readonly Value[], itemLists: readonly (readonly Value[])[]): readonly Value[] {
  if (itemLists.every((items) => items.length === 0)) return list;
  const hasBytes = holdsBytes(list) || itemLists.some((items) => holdsBytes(items));
  return adopt(itemLists.length === 1 ? [...list, ...(itemLists[0] ?? [])] : list.concat(...itemLists), hasBytes);
}

function mergeRecords(value: Value, deltas: readonly Value[], path: string): Value {
  if (!isRecordValue(value)) throw deltaInvalid(path, value, 'an object', 'merge()');
  const changes = new Map<string, Value>();
  for (const delta of deltas)
    for (const [key, item] of Object.entries(delta as { readonly [key: string]: Value })) changes.set(key, item);
  return withFields(value, changes);
}
