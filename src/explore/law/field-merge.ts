// Each field of a graph, and of the graphs inside it, as a merge that can be called on its own.
import { RepriseError, messageOf } from '../../base/error.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { canonicalValue, frozenSet } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { AnyGraph } from '../../graph/built-graph.ts';
import { mergeField } from '../../graph/merge/merge-field.ts';
import { mergeWrites } from '../../graph/merge/merge-step.ts';
import type { ReducerPromise } from '../../graph/reducer-promise.ts';
import type { FieldSpec, GraphSpec, StateSpec } from '../../graph/spec.ts';
import type { AnySchema } from '../../graph/types/standard-schema.ts';
import type { FieldKind } from '../../journal/description.ts';
import { needsUserCode } from '../../journal/fold/built-in-field.ts';
import { checkFieldDelta } from '../../journal/fold/field-delta.ts';
import { isRecordValue } from '../../journal/record-value.ts';

/** What a merge came to. `refused`: an error with a code of its own, such as `conflict`. */
export type Merged =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'threw'; readonly message: string };

/** The functions of the user that a merge calls. */
export type MergeFunctions = Pick<FieldSpec, 'reduce' | 'keyOf' | 'choose'>;

export interface FieldMerge {
  /** `findings`; `research/findings` for a field of the graph of node "research". */
  readonly name: string;
  /** The nodes whose graphs it lies in. */
  readonly nodes: readonly string[];
  /** Undefined if one function merges the whole state. */
  readonly field: string | undefined;
  readonly kind: FieldKind | 'state';
  readonly initial: Value;
  readonly isUserCode: boolean;
  readonly promises: readonly ReducerPromise[];
  /** The name of the property that identifies a record of an `upsert` field. */
  readonly key?: string | undefined;
  /** The schema of the state that it lies in. */
  readonly schema?: AnySchema | undefined;
  readonly functions: MergeFunctions;
  /** The value after one step in which tasks wrote these deltas, in rank order. */
  merge(before: Value, deltas: readonly Value[], functions?: MergeFunctions): Merged;
  fits(delta: Value): boolean;
}

/** In the order of the state, the fields of inner graphs last. */
export function fieldMerges(graph: GraphSpec, nodes: readonly string[] = []): readonly FieldMerge[] {
  const own = ofState(graph.state, nodes);
  const inner = [...graph.nodes.values()].flatMap((node) =>
    node.kind === 'subgraph' ? fieldMerges(node.graph, [...nodes, node.name]) : [],
  );
  return [...own, ...inner];
}

/** @throws RepriseError `option-invalid` */
export function fieldMergeOf(graph: AnyGraph, name: string): FieldMerge {
  const merges = fieldMerges(graph.spec);
  const found = merges.find((merge) => merge.name === name);
  if (found !== undefined) return found;
  const names = merges.map((merge) => merge.name);
  const nearest = nearestName(name, names);
  throw new RepriseError('option-invalid', `graph "${graph.name}" has no field "${name}"`, {
    nextStep: nearest === undefined ? `Its fields are ${names.join(', ')}.` : `Did you mean "${nearest}"?`,
    fields: { option: 'field', given: name },
  });
}

function ofState(state: StateSpec, nodes: readonly string[]): readonly FieldMerge[] {
  if (state.kind === 'function') return [wholeState(state, nodes)];
  return [...state.fields.values()].map((field) => oneField(field, state.schema, nodes));
}

function wholeState({ initial, reduce }: StateSpec & { kind: 'function' }, nodes: readonly string[]): FieldMerge {
  return {
    name: [...nodes, 'state'].join('/'),
    nodes,
    field: undefined,
    kind: 'state',
    initial,
    isUserCode: true,
    promises: [],
    functions: { reduce },
    merge: (before, deltas, functions = { reduce }) =>
      merged(() => {
        const spec: StateSpec = { kind: 'function', initial, reduce: functions.reduce ?? reduce };
        return mergeWrites(
          spec,
          before,
          deltas.map((delta, rank) => ({ task: `1.${rank}`, node: 'law', delta })),
        );
      }),
    fits: () => true,
  };
}

function oneField(field: FieldSpec, schema: AnySchema | undefined, nodes: readonly string[]): FieldMerge {
  const { name, description, reduce, keyOf, choose } = field;
  const own: MergeFunctions = {
    ...(reduce === undefined ? {} : { reduce }),
    ...(keyOf === undefined ? {} : { keyOf }),
    ...(choose === undefined ? {} : { choose }),
  };
  const check = (delta: Value): void => checkFieldDelta(description, delta, `delta.${name}`);
  return {
    name: [...nodes, name].join('/'),
    nodes,
    field: name,
    kind: description.kind,
    initial: description.initial,
    isUserCode: needsUserCode(description),
    promises:
      description.kind === 'reduce'
        ? ((description.promises as readonly ReducerPromise[] | undefined) ?? [])
        : builtInPromises(field),
    key: description.key,
    schema,
    functions: own,
    merge: (before, deltas, functions = own) =>
      merged(() => {
        for (const delta of deltas) check(delta);
        if (deltas.length === 0) return before;
        const writes = deltas.map((value, rank) => ({ task: `1.${rank}`, node: 'law', value }));
        return mergeField({ ...field, ...functions }, before, writes);
      }),
    fits: (delta) => merged(() => check(delta) as undefined).kind === 'value',
  };
}

/**
 * What the built-in fields promise by definition. A list or a set keeps the order of its writers, and a sum of fractions
 * depends on it. Two writers of one value conflict, whatever their order, unless something decides between them.
 */
function builtInPromises({ description: { kind, onConflict } }: FieldSpec): readonly ReducerPromise[] {
  const unlessDecided: readonly ReducerPromise[] = onConflict === undefined ? ['order-independent'] : [];
  switch (kind) {
    case 'last':
    case 'text':
      return [...unlessDecided, 'associative', 'idempotent'];
    case 'merge':
      return [...unlessDecided, 'associative', 'idempotent', 'identity'];
    case 'append':
      return ['associative', 'identity'];
    case 'sum':
      return ['identity'];
    case 'min':
    case 'max':
      return ['order-independent', 'associative', 'idempotent', 'identity'];
    case 'union':
    case 'upsert':
      return ['associative', 'idempotent', 'identity'];
    case 'reduce':
      return [];
  }
}

function merged(merge: () => Value): Merged {
  try {
    return { kind: 'value', value: merge() };
  } catch (thrown) {
    const code = refusalCode(thrown);
    if (code !== undefined) return { kind: 'refused', code };
    const cause = (thrown as Error).cause;
    return {
      kind: 'threw',
      message:
        cause instanceof Error && !(cause instanceof RepriseError)
          ? `${cause.name}: ${cause.message}`
          : messageOf(thrown),
    };
  }
}

/** A refusal has a code that somebody has given it. Those of Node itself begin with `ERR_`. */
function refusalCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof RepriseError)) throw thrown;
  if (thrown.code !== 'reducer-failed') return thrown.code;
  const { cause } = thrown;
  const code: unknown = (cause as { code?: unknown } | undefined)?.code;
  if (cause instanceof RepriseError || typeof code !== 'string' || code.startsWith('ERR_')) return undefined;
  return code;
}

/** A delta in the place of a value, as in the law of associativity. */
export function deltaAsValue({ kind }: FieldMerge, delta: Value): Value {
  if (kind !== 'union') return delta;
  return canonicalValue(new Set(delta as Iterable<Value>), 'delta');
}

/**
 * The empty delta of a field whose deltas are like these; undefined if it has none. `undefined` itself is no delta that
 * a law is asked about.
 */
export function emptyDelta({ kind, initial }: FieldMerge, like: readonly Value[]): Value {
  switch (kind) {
    case 'append':
    case 'upsert':
    case 'union':
      return canonicalValue([], 'delta');
    case 'merge':
      return canonicalValue({}, 'delta');
    case 'sum':
      return 0;
    case 'min':
      return Number.POSITIVE_INFINITY;
    case 'max':
      return Number.NEGATIVE_INFINITY;
    case 'last':
    case 'text':
      return undefined;
    default:
      return emptyOfKind(like) ?? initial;
  }
}

function emptyOfKind(like: readonly Value[]): Value {
  const [first] = like;
  if (first === undefined || !like.every((delta) => kindOf(delta) === kindOf(first))) return undefined;
  switch (kindOf(first)) {
    case 'list':
      return canonicalValue([], 'delta');
    case 'record':
      return canonicalValue({}, 'delta');
    case 'set':
      return frozenSet([]);
    case 'map':
      return canonicalValue(new Map(), 'delta');
    case 'string':
      return '';
    default:
      return undefined;
  }
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return 'list';
  if (value instanceof Set) return 'set';
  if (value instanceof Map) return 'map';
  return isRecordValue(value) ? 'record' : typeof value;
}
