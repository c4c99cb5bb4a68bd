// The state of a run, folded from its journal without user code. Everything that shows, compares or resumes a run uses
// it.
//   F1. Built-in fields are merged again from the deltas. What user code decided comes from the patch.
//   F2. The result is the same value as the state that the engine had.
import type { Value } from '../../base/value.ts';
import { canonicalRecord } from '../../base/value.ts';
import { mergeAllBuiltIn, needsUserCode } from './built-in-field.ts';
import type { FieldDescription, StateDescription } from '../description.ts';
import type { Patch } from '../entry.ts';
import { damagedState } from './fold-fault.ts';
import { applyPatch } from './patch.ts';
import type { RecordValue } from '../record-value.ts';
import { isRecordValue, withFields } from '../record-value.ts';

/** The state before any input: the initial value of each field, and `undefined` for those that the input must give. */
export function emptyState(description: StateDescription): Value {
  if (description.kind === 'function') return description.initial;
  return canonicalRecord(Object.entries(description.fields).map(([name, field]) => [name, field.initial] as const));
}

/** The state that a run begins with: its input is a first delta. `patch` is that of the commit of step 0. */
export function initialState(description: StateDescription, input: Value, patch?: Patch): Value {
  return foldCommit(description, emptyState(description), [input], patch);
}

/**
 * The state after a commit.
 *
 * @throws RepriseError `fixture-damaged` if deltas or patch do not fit the state before.
 */
export function foldCommit(
  description: StateDescription,
  before: Value,
  deltas: readonly Value[],
  patch: Patch | undefined,
): Value {
  const folded = description.kind === 'function' ? before : foldFields(description.fields, before, deltas);
  return patch === undefined ? folded : applyPatch(folded, patch);
}

function foldFields(
  fields: { readonly [name: string]: FieldDescription },
  before: Value,
  deltas: readonly Value[],
): Value {
  if (!isRecordValue(before)) throw damagedState('the state before a commit is not a record');
  const changes = new Map<string, Value>();
  for (const [name, writes] of writesByField(deltas)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw damagedState(`a delta names "${name}", which is not a field of this graph`);
    if (!needsUserCode(field)) changes.set(name, mergeAllBuiltIn(field, before[name], writes, name));
  }
  return withFields(before, changes);
}

/** What was written to each field, in rank order. */
function writesByField(deltas: readonly Value[]): ReadonlyMap<string, readonly Value[]> {
  const writes = new Map<string, Value[]>();
  for (const delta of deltas) {
    if (!isRecordValue(delta)) throw damagedState('a delta is not a record');
    for (const [name, value] of Object.entries(delta as RecordValue)) {
      const list = writes.get(name);
      if (list === undefined) writes.set(name, [value]);
      else list.push(value);
    }
  }
  return writes;
}
