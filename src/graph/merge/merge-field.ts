// Merges the writes of one step into one field.
//   Owns:         conflicts, and the calls of the user's functions.
//   Not its job:  how the built-in fields merge (journal/fold/built-in-field.ts).
import { assert } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import { ownView } from '../../base/own-view.ts';
import { mergeChecked } from '../../journal/fold/built-in-field.ts';
import type { RecordValue } from '../../journal/record-value.ts';
import { withFields } from '../../journal/record-value.ts';
import { conflict } from './conflict.ts';
import type { FieldWrite } from './field-writes.ts';
import { grouped } from './field-writes.ts';
import type { FieldSpec } from '../spec.ts';
import { callReducer } from './user-function.ts';

/** `writes` is in rank order and not empty. */
export function mergeField(field: FieldSpec, before: Value, writes: readonly FieldWrite[]): Value {
  switch (field.description.kind) {
    case 'last':
    case 'text':
      return chosen(field, writes);
    case 'merge':
      return mergeKeys(field, before, writes);
    case 'reduce':
      return reduceAll(field, before, writes);
    case 'upsert':
      return builtIn(field, before, writes, keyFunction(field, writes));
    default:
      return builtIn(field, before, writes);
  }
}

function builtIn(
  field: FieldSpec,
  before: Value,
  writes: readonly FieldWrite[],
  keyOf?: (record: Value) => Value,
): Value {
  const deltas = writes.map((write) => write.value);
  return mergeChecked(field.description, before, deltas, `delta.${field.name}`, keyOf);
}

/** Picks the one value of several writes to one place. */
function chosen(field: FieldSpec, writes: readonly FieldWrite[], key?: string): Value {
  const [first, second] = writes;
  assert(first !== undefined, 'a field is merged only if it was written');
  if (second === undefined) return first.value;
  if (field.description.onConflict === 'highest-rank') return (writes[writes.length - 1] as FieldWrite).value;
  const choose = field.choose;
  if (choose === undefined) throw conflict(field.name, first, second, key);
  const place = key === undefined ? `field "${field.name}"` : `key "${key}" of field "${field.name}"`;
  const call = { what: `onConflict of ${place}`, fields: { field: field.name, ...(key === undefined ? {} : { key }) } };
  const values = Object.freeze(writes.map((write) => ownView(write.value)));
  return callReducer(call, () => choose(values as never, key as never));
}

function mergeKeys(field: FieldSpec, before: Value, writes: readonly FieldWrite[]): Value {
  if (writes.length === 1 || field.description.onConflict === 'highest-rank') return builtIn(field, before, writes);
  const changes = new Map<string, Value>();
  for (const [key, keyWrites] of grouped(writes)) changes.set(key, chosen(field, keyWrites, key));
  return withFields(before as RecordValue, changes);
}

function reduceAll(field: FieldSpec, before: Value, writes: readonly FieldWrite[]): Value {
  const { reduce } = field;
  assert(reduce !== undefined, 'a reduce field has its function');
  let value = before;
  for (const { task, node, value: delta } of writes) {
    const call = { what: `the reducer of field "${field.name}"`, fields: { field: field.name, task, node } };
    const current = value;
    value = callReducer(call, () => reduce(ownView(current) as never, ownView(delta) as never));
  }
  return value;
}

function keyFunction(field: FieldSpec, writes: readonly FieldWrite[]): ((record: Value) => Value) | undefined {
  const { keyOf } = field;
  if (keyOf === undefined) return undefined;
  const [first] = writes as readonly [FieldWrite];
  const call = {
    what: `the key function of field "${field.name}"`,
    fields: { field: field.name, task: first.task, node: first.node },
  };
  return (record) => callReducer(call, () => keyOf(ownView(record) as never));
}
