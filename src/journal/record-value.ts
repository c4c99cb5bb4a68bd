// Records of canonical values, and changes of a few of their fields.

import type { Value } from '../base/value.ts';
import { adopt, canonicalRecord, holdsBytes, isPlainObject, setOwn } from '../base/value.ts';

export type RecordValue = { readonly [key: string]: Value };

/** Whether a canonical value is a record: an object other than a list, date, map, set, error or byte array. */
export function isRecordValue(value: Value): value is RecordValue {
  return typeof value === 'object' && value !== null && isPlainObject(value);
}

/** The value of an own field: `record['constructor']` must not find what an object inherits. */
export function ownField(record: RecordValue, key: string): Value {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The record with some fields replaced; the same record if nothing changes. */
export function withFields(record: RecordValue, changes: ReadonlyMap<string, Value>): RecordValue {
  let isChanged = false;
  for (const [key, value] of changes) {
    if (!Object.hasOwn(record, key)) return canonicalRecord(new Map([...Object.entries(record), ...changes]));
    isChanged ||= !Object.is(record[key], value);
  }
  return isChanged ? replaceFields(record, changes) : record;
}

/** All keys are there already, so the order of the record stays the canonical one. */
function replaceFields(record: RecordValue, changes: ReadonlyMap<string, Value>): RecordValue {
  const next: Record<string, Value> = { ...record };
  for (const [key, value] of changes) setOwn(next, key, value);
  const hasBytes = Object.keys(next).some((key) => holdsBytes(next[key]));
  return adopt(next, hasBytes);
}
