import { canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { StateDescription } from '../../journal/description.ts';
import { isRecordValue } from '../../journal/record-value.ts';

/** A recorded input or delta without the fields that the replayed graph no longer has. */
export function withoutGoneFields(value: Value, recorded: StateDescription, replayed: StateDescription): Value {
  if (recorded.kind !== 'fields' || replayed.kind !== 'fields' || !isRecordValue(value)) return value;
  const isGone = (name: string): boolean =>
    Object.hasOwn(recorded.fields, name) && !Object.hasOwn(replayed.fields, name);
  if (!Object.keys(value).some(isGone)) return value;
  return canonicalRecord(Object.entries(value).filter(([name]) => !isGone(name)));
}
