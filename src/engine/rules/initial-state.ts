// The state that a run begins with: the initial values of the fields, with the input merged as a first delta.
import { sameValue } from '../../base/equal.ts';
import { RepriseError, messageOf } from '../../base/error.ts';
import { canonicalRecord } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { checkDelta, mergeWrites, patchOf } from '../../graph/merge/merge-step.ts';
import type { GraphSpec, StateSpec } from '../../graph/spec.ts';
import { checkWithSchema } from '../../graph/types/standard-schema.ts';
import type { AnySchema, SchemaUse } from '../../graph/types/standard-schema.ts';
import { checkState } from '../../graph/merge/state-schema.ts';
import type { CommitEntry } from '../../journal/entry.ts';

export interface InitialState {
  readonly state: Value;
  /** The commit of step 0, without its key and its time. */
  readonly commit: Omit<CommitEntry, 'at' | 'observed'>;
}

/**
 * `later`: fields that a recorded run got only by a migration, so its input may lack them.
 *
 * @throws RepriseError `input-invalid`, `schema-async`, `schema-failed`
 */
export function initialState(graph: GraphSpec, given: Value, later: readonly string[] = []): InitialState {
  const before = emptyState(graph.state);
  const input = graph.inputSchema === undefined ? given : checkedInput(graph.inputSchema, given, graph.name);
  if (graph.state.kind === 'fields') checkInput(graph, graph.state, input, later);
  const writes = [{ task: '0', node: 'input', delta: input }];
  let state: Value;
  try {
    checkDelta(graph.state, input, 'input');
    state = mergeWrites(graph.state, before, writes);
  } catch (cause) {
    if (!(cause instanceof RepriseError)) throw cause;
    throw new RepriseError('input-invalid', `the input of graph "${graph.name}" cannot be merged: ${cause.message}`, {
      nextStep: 'The input is a first delta: give each field what its kind takes.',
      cause,
      fields: cause.fields,
    });
  }
  if (graph.state.schema !== undefined) {
    checkState(
      graph.state,
      { before, after: state, writes },
      {
        name: `the state that the input of graph "${graph.name}" makes`,
        code: 'input-invalid',
        nextStep: 'Give an input that makes a state which fits its schema. The run was not started.',
        fields: { graph: graph.name },
      },
    );
  }
  const patch = patchOf(graph.state, before, [input], state);
  return {
    state,
    commit: { kind: 'commit', input, frontier: [{ node: graph.start }], ...(patch === undefined ? {} : { patch }) },
  };
}

/**
 * The input as its schema returns it: that is what the journal holds, and what a replay starts with. The replay asks
 * the schema about it again, so the schema must leave its own result as it is.
 */
function checkedInput(schema: AnySchema, given: Value, graph: string): Value {
  const use: SchemaUse = {
    name: `the input of graph "${graph}"`,
    code: 'input-invalid',
    nextStep: 'Give an input that fits its schema. The run was not started.',
    fields: { graph },
  };
  const input = checkWithSchema(schema, given, use);
  if (sameValue(input, given)) return input;
  let again: Value;
  try {
    again = checkWithSchema(schema, input, use);
  } catch (cause) {
    throw unsteady(graph, cause);
  }
  if (!sameValue(again, input)) throw unsteady(graph);
  return input;
}

function unsteady(graph: string, cause?: unknown): RepriseError {
  const message = `the schema of the input of graph "${graph}" does not take what it gave itself as it is`;
  return new RepriseError('schema-failed', cause === undefined ? message : `${message}: ${messageOf(cause)}`, {
    nextStep:
      'The journal holds what the schema returned, and a replay checks that again: let the schema leave its own result as it is.',
    fields: { graph },
    ...(cause === undefined ? {} : { cause }),
  });
}

function emptyState(spec: StateSpec): Value {
  if (spec.kind === 'function') return spec.initial;
  return canonicalRecord([...spec.fields.values()].map((field) => [field.name, field.description.initial]));
}

function fieldNames({ fields }: StateSpec & { readonly kind: 'fields' }): string {
  return [...fields.keys()].map((name) => `"${name}"`).join(', ');
}

function checkInput(
  graph: GraphSpec,
  spec: StateSpec & { readonly kind: 'fields' },
  input: Value,
  later: readonly string[],
): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new RepriseError('input-invalid', `the input of graph "${graph.name}" has to be an object with its fields`, {
      nextStep: spec.fields.size === 0 ? 'It has no fields: give {}.' : `Give ${fieldNames(spec)} as needed.`,
    });
  }
  for (const name of Object.keys(input)) {
    if (!spec.fields.has(name)) {
      throw new RepriseError('input-invalid', `the input names "${name}", which is no field of graph "${graph.name}"`, {
        nextStep: spec.fields.size === 0 ? 'It has no fields: give {}.' : `Its fields are ${fieldNames(spec)}.`,
        fields: { field: name },
      });
    }
  }
  for (const field of spec.fields.values()) {
    if (field.description.required && !Object.hasOwn(input, field.name) && !later.includes(field.name)) {
      throw new RepriseError('input-invalid', `the input lacks "${field.name}", which has no initial value`, {
        nextStep: `Give "${field.name}" in the input, or give the field an initial value: runs that were recorded without it need one.`,
        fields: { field: field.name },
      });
    }
  }
}
