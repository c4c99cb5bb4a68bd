// The merge of one step: the state after all deltas of its tasks.
//   M1. Fields are merged in the order of their names, the writes of each field in rank order. The first error is the
//       error of the step.
//   M2. Only written fields change. All others are shared with the state before.
//   M3. It is pure: the same values give the same result.
import { RepriseError } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import type { Value } from '../../base/value.ts';
import { ownView } from '../../base/own-view.ts';
import { needsUserCode } from '../../journal/fold/built-in-field.ts';
import type { Patch } from '../../journal/entry.ts';
import { checkFieldDelta, describeKind } from '../../journal/fold/field-delta.ts';
import { makePatch } from '../../journal/fold/patch.ts';
import type { RecordValue } from '../../journal/record-value.ts';
import { isRecordValue, withFields } from '../../journal/record-value.ts';
import type { Write } from './field-writes.ts';
import { writesByField } from './field-writes.ts';
import { mergeField } from './merge-field.ts';
import type { FieldSpec, StateSpec } from '../spec.ts';
import type { SchemaUse } from '../types/standard-schema.ts';
import { checkState } from './state-schema.ts';
import { callReducer } from './user-function.ts';

/**
 * Merges the writes of one step, given in rank order. Their deltas have been checked with `checkDelta`.
 *
 * @throws RepriseError `conflict`, `reducer-failed`, or `state-invalid` if the merged state does not fit its schema.
 */
export function mergeStep(spec: StateSpec, before: Value, writes: readonly Write[]): { readonly state: Value } {
  const [first] = writes;
  if (first === undefined) return { state: before };
  const own = writes.length === 1 ? ownMerges.get(first.delta as object) : undefined;
  if (own !== undefined && own.before === before) return { state: own.after };
  const state = mergeWrites(spec, before, writes);
  if (spec.schema !== undefined) checkState(spec, { before, after: state, writes }, togetherUse(writes));
  return { state };
}

/**
 * The merge of a delta that was checked against the schema, so that a step in which it is the only one need not merge
 * it again.
 */
const ownMerges = new WeakMap<object, { readonly before: Value; readonly after: Value }>();

/**
 * Checks that the state would fit its schema if only this task wrote. This happens at the end of the attempt, so that
 * it is the task that fails. Mistakes of user code in a merge are left to the step, with or without a schema.
 *
 * @throws RepriseError `node-output-invalid`, `schema-async`, `schema-failed`
 */
export function checkOwnWrite(spec: StateSpec, before: Value, write: Write): void {
  let after: Value;
  try {
    after = mergeWrites(spec, before, [write]);
  } catch (thrown) {
    if (thrown instanceof RepriseError && thrown.code === 'reducer-failed') return;
    throw thrown;
  }
  checkState(
    spec,
    { before, after, writes: [write] },
    {
      name: `the state that node "${write.node}" leaves`,
      code: 'node-output-invalid',
      nextStep: 'Return a delta that leaves a state which fits the schema of the graph.',
      fields: { node: write.node },
    },
  );
  if (typeof write.delta === 'object' && write.delta !== null) ownMerges.set(write.delta, { before, after });
}

function togetherUse(writes: readonly Write[]): SchemaUse {
  const tasks = writes.map(({ task, node }) => `${task} ("${node}")`).join(', ');
  return {
    name: `the state that ${writes.length === 1 ? `task ${tasks} leaves` : `tasks ${tasks} leave together`}`,
    code: 'state-invalid',
    nextStep:
      'Let one node make this change after the others, or merge the field with a `reduce` that respects the schema.',
    fields: { tasks: writes.map(({ task }) => task), nodes: writes.map(({ node }) => node) },
  };
}

/** Merges one or more writes. Their deltas have been checked, and no schema is asked. */
export function mergeWrites(spec: StateSpec, before: Value, writes: readonly Write[]): Value {
  if (spec.kind === 'function') return reduceState(spec.reduce, before, writes);
  const changes = new Map<string, Value>();
  for (const [name, fieldWrites] of writesByField(writes)) {
    const field = spec.fields.get(name) as FieldSpec;
    changes.set(name, mergeField(field, (before as RecordValue)[name], fieldWrites));
  }
  return withFields(before as RecordValue, changes);
}

function reduceState(reduce: (state: never, delta: never) => unknown, before: Value, writes: readonly Write[]): Value {
  let state = before;
  for (const { task, node, delta } of writes) {
    const current = state;
    const call = { what: `the reducer of the state, called for node "${node}",`, fields: { task, node } };
    state = callReducer(call, () => reduce(ownView(current) as never, ownView(delta) as never));
  }
  return state;
}

/**
 * Checks that a node's delta fits the state. This happens before anything is merged, so that it is the node that fails.
 *
 * @throws RepriseError `node-output-invalid`
 */
export function checkDelta(spec: StateSpec, delta: Value, node: string): void {
  if (spec.kind === 'function') return;
  if (!isRecordValue(delta)) {
    throw new RepriseError(
      'node-output-invalid',
      `the delta of node "${node}" is ${describeKind(delta)}, no object with fields`,
      {
        nextStep: `Give an object with some of ${fieldList(spec.fields)}.`,
        fields: { node, path: 'delta' },
      },
    );
  }
  for (const name of Object.keys(delta)) {
    const field = spec.fields.get(name);
    if (field === undefined) throw unknownField(name, node, spec.fields);
    checkField(field, delta[name], node);
  }
}

function checkField(field: FieldSpec, delta: Value, node: string): void {
  try {
    checkFieldDelta(field.description, delta, `delta.${field.name}`);
  } catch (thrown) {
    if (!(thrown instanceof RepriseError)) throw thrown;
    throw new RepriseError(thrown.code, `node "${node}" returned a delta that does not fit: ${thrown.message}`, {
      nextStep: thrown.nextStep,
      fields: { node, ...thrown.fields },
    });
  }
}

function unknownField(name: string, node: string, fields: ReadonlyMap<string, FieldSpec>): RepriseError {
  const nearest = nearestName(name, fields.keys());
  return new RepriseError(
    'node-output-invalid',
    `the delta of node "${node}" names "${name}", which is no field of this graph`,
    {
      nextStep: nearest === undefined ? `The fields are ${fieldList(fields)}.` : `Did you mean "${nearest}"?`,
      fields: { node, path: `delta.${name}` },
    },
  );
}

function fieldList(fields: ReadonlyMap<string, FieldSpec>): string {
  return [...fields.keys()].map((name) => `"${name}"`).join(', ');
}

/**
 * What a commit has to say about the new state beyond its deltas: the fields that user code decided, or the whole state
 * if one function merges it.
 */
export function patchOf(spec: StateSpec, before: Value, deltas: readonly Value[], after: Value): Patch | undefined {
  if (spec.kind === 'function') return makePatch(before, after);
  const decided = new Set<string>();
  for (const delta of deltas) {
    for (const name of Object.keys(delta as RecordValue)) {
      const field = spec.fields.get(name);
      if (field !== undefined && needsUserCode(field.description)) decided.add(name);
    }
  }
  if (decided.size === 0) return undefined;
  // Both sides hold what the deltas alone give, so only what user code decided is left as a difference.
  const undecided = new Map([...decided].map((name) => [name, (before as RecordValue)[name]] as const));
  return makePatch(withFields(after as RecordValue, undecided), after);
}
