// The state that a run begins with: the fields' initial values, with the input merged as a first delta.
import { RepriseError } from '../base/error.ts';
import { canonicalRecord } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { mergeStep, patchOf } from '../graph/merge-step.ts';
import type { GraphSpec, StateSpec } from '../graph/spec.ts';
import type { CommitEntry } from '../journal/entry.ts';

export interface InitialState {
  readonly state: Value;
  /** The commit of step 0, without where and when. */
  readonly commit: Omit<CommitEntry, 'at' | 'observed'>;
}

/** @throws RepriseError `input-invalid` */
export function initialState(graph: GraphSpec, input: Value): InitialState {
  const before = emptyState(graph.state);
  if (graph.state.kind === 'fields') checkInput(graph, graph.state, input);
  let state: Value;
  try {
    state = mergeStep(graph.state, before, [{ task: '0', node: 'input', delta: input }]).state;
  } catch (cause) {
    if (!(cause instanceof RepriseError)) throw cause;
    throw new RepriseError('input-invalid', `the input of graph "${graph.name}" cannot be merged: ${cause.message}`, {
      nextStep: 'The input is a first delta: give each field what its kind takes.',
      cause,
      fields: cause.fields,
    });
  }
  const patch = patchOf(graph.state, before, [input], state);
  return {
    state,
    commit: { kind: 'commit', input, frontier: [{ node: graph.start }], ...(patch === undefined ? {} : { patch }) },
  };
}

function emptyState(spec: StateSpec): Value {
  if (spec.kind === 'function') return spec.initial;
  return canonicalRecord([...spec.fields.values()].map((field) => [field.name, field.description.initial]));
}

function checkInput(graph: GraphSpec, spec: StateSpec & { readonly kind: 'fields' }, input: Value): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new RepriseError('input-invalid', `the input of graph "${graph.name}" has to be an object with its fields`, {
      nextStep: `Give ${[...spec.fields.keys()].map((name) => `"${name}"`).join(', ')} as needed.`,
    });
  }
  for (const name of Object.keys(input)) {
    if (!spec.fields.has(name)) {
      throw new RepriseError('input-invalid', `the input names "${name}", which is no field of graph "${graph.name}"`, {
        nextStep: `Its fields are ${[...spec.fields.keys()].map((field) => `"${field}"`).join(', ')}.`,
        fields: { field: name },
      });
    }
  }
  for (const field of spec.fields.values()) {
    if (field.description.required && !Object.hasOwn(input, field.name)) {
      throw new RepriseError('input-invalid', `the input lacks "${field.name}", which has no initial value`, {
        nextStep: `Give "${field.name}" in the input, or the field an initial value.`,
        fields: { field: field.name },
      });
    }
  }
}
