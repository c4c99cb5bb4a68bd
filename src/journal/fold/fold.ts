// The state of a run, folded from its journal without any code of the user's: by everything that shows a run, compares
// it or goes on with it.
//   F1. Fields that Reprise brings are merged again from the deltas; what user code decided is taken from the patch.
//   F2. The outcome is the same value as the state that the engine had.
import type { Value } from '../../base/value.ts';
import { canonicalRecord } from '../../base/value.ts';
import { mergeAllBuiltIn, needsUserCode } from './built-in-field.ts';
import type { FieldDescription, StateDescription } from '../description.ts';
import type { Patch } from '../entry.ts';
import { damagedState } from './fold-fault.ts';
import { applyPatch } from './patch.ts';
import type { RecordValue } from '../record-value.ts';
import { isRecordValue, withFields } from '../record-value.ts';

/** The state before any input: each field's initial value, and `undefined` for those that the input has to give. */
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
  if (!isRecordValue(before)) throw damagedState('the state before a commit is no record');
  const changes = new Map<string, Value>();
  for (const [name, writes] of writesByField(deltas)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) throw damagedState(`a delta names "${name}", which is no field of this graph`);
    if (!needsUserCode(field)) changes.set(name, mergeAllBuiltIn(field, before[name], writes, name));
  }
  return withFields(before, changes);
}

/** What was written to each field, in rank order. */
function writesByField(deltas: readonly Value[]): ReadonlyMap<string, readonly Value[]> {
  const writes = new Map<string, Value[]>();
  for (const delta of deltas) {
    if (!isRecordValue(delta)) throw damagedState('a delta is no record');
    for (const [name, value] of Object.entries(delta as RecordValue)) {
      const list = writes.get(name);
      if (list === undefined) writes.set(name, [value]);
      else list.push(value);
    }
  }
  return writes;
}
