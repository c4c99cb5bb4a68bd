// The writes of one step, by field.

import { compareCodeUnits } from '../../base/compare.ts';
import type { Value } from '../../base/value.ts';

/** What one task of a step wrote. */
export interface Write {
  /** The key of the task. */
  readonly task: string;
  readonly node: string;
  readonly delta: Value;
}

/** What one task wrote to one field, or to one key of a `merge` field. */
export interface FieldWrite {
  readonly task: string;
  readonly node: string;
  readonly value: Value;
}

/** By field, in the order of names. The writes of each field are in rank order. */
export function writesByField(writes: readonly Write[]): ReadonlyMap<string, readonly FieldWrite[]> {
  return grouped(writes.map(({ task, node, delta }) => ({ task, node, value: delta })));
}

/** Splits writes of records into writes of their keys, in the order of keys. */
export function grouped(writes: readonly FieldWrite[]): ReadonlyMap<string, readonly FieldWrite[]> {
  const groups = new Map<string, FieldWrite[]>();
  for (const { task, node, value } of writes) {
    const record = value as { readonly [key: string]: Value };
    for (const key of Object.keys(record)) {
      const item = record[key];
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ task, node, value: item }]);
      else group.push({ task, node, value: item });
    }
  }
  if (groups.size === 1) return groups;
  return new Map([...groups].sort((left, right) => compareCodeUnits(left[0], right[0])));
}
