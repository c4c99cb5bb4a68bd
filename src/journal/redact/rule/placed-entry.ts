// Where the values of an entry stand, as paths name them, and the entry with those changed that a path reaches.
import { canonicalList } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { FieldDescription, GraphDescription } from '../../description.ts';
import type {
  AttemptResult,
  BeginEntry,
  CommitEntry,
  EffectEntry,
  EffectOutcome,
  Entry,
  Patch,
  PooledEntry,
  Route,
  RunEnd,
  TaskSpec,
} from '../../entry.ts';
import { below } from './place.ts';
import type { Place } from './place.ts';
import { mapPlaced } from './placed-values.ts';
import type { MapLeaf } from './placed-values.ts';

/** `observed` parts are changed as well: the headers of an answer stand there. */
export function mapPlacedEntry<Given extends Entry>(entry: Given, places: readonly Place[], leaf: MapLeaf): Given {
  return places.length === 0 ? entry : (new PlacedEntry(places, leaf).entry(entry) as Given);
}

/** The same of what a node made. */
export function mapPlacedResult(
  result: AttemptResult,
  node: string,
  places: readonly Place[],
  leaf: MapLeaf,
): AttemptResult {
  return places.length === 0 ? result : new PlacedEntry(places, leaf).attemptResult(result, node);
}

class PlacedEntry {
  readonly #places: readonly Place[];
  readonly #leaf: MapLeaf;

  constructor(places: readonly Place[], leaf: MapLeaf) {
    this.#places = places;
    this.#leaf = leaf;
  }

  entry(entry: Entry): Entry {
    switch (entry.kind) {
      case 'run':
        return { ...entry, graph: this.#graph(entry.graph) };
      case 'effect':
      case 'pooled':
      case 'begin':
        return {
          ...entry,
          request: this.#at(entry.request, ['effects', entry.name, 'request']),
          ...(entry.outcome === undefined ? {} : { outcome: this.#outcome(entry.outcome, entry.name) }),
          observed: this.#answered(entry),
        } as Entry;
      case 'task':
        return {
          ...entry,
          ...(entry.input === undefined ? {} : { input: this.#at(entry.input, ['tasks', entry.path]) }),
          result: this.#result(entry.result as unknown as Value, '', ['tasks', entry.path]) as never,
        };
      case 'chunk':
        return { ...entry, deltas: entry.deltas.map((delta) => this.#delta(delta, 'chunks', entry.node)) };
      case 'event':
        return { ...entry, data: this.#at(entry.data, ['events', entry.name]) };
      case 'outcome':
        return { ...entry, result: this.attemptResult(entry.result, entry.node) };
      case 'commit':
        return this.#commit(entry);
      case 'edit':
        return { ...entry, patch: this.#patch(entry.patch, below(this.#places, 'state')) };
      case 'stop':
        return {
          ...entry,
          ...(entry.error === undefined ? {} : { error: this.#at(entry.error, ['errors', entry.node]) }),
          ...(entry.end === undefined ? {} : { end: this.#end(entry.end) }),
        };
      case 'end':
        return { ...entry, end: this.#end(entry.end) };
      case 'note':
      case 'ambient':
      case 'guard':
      case 'restart':
        return entry;
    }
  }

  #at(value: Value, path: readonly string[]): Value {
    let places = this.#places;
    for (const step of path) places = below(places, step);
    return mapPlaced(value, places, this.#leaf);
  }

  #delta(delta: Value, root: 'chunks' | 'outputs', node: string): Value {
    return this.#at(this.#at(delta, ['state']), [root, node]);
  }

  #answered<Given extends EffectEntry | PooledEntry | BeginEntry>({ observed, name }: Given): Given['observed'] {
    if (observed.answer === undefined) return observed;
    const answer = this.#at(observed.answer as unknown as Value, ['effects', name, 'response']);
    return { ...observed, answer } as unknown as Given['observed'];
  }

  #outcome(outcome: EffectOutcome, name: string): EffectOutcome {
    return outcome.kind === 'value'
      ? { kind: 'value', value: this.#at(outcome.value, ['effects', name, 'response']) }
      : { kind: 'error', error: this.#at(outcome.error, ['effects', name, 'error']) };
  }

  attemptResult(result: AttemptResult, node: string): AttemptResult {
    if (result.status !== 'done') return { ...result, error: this.#at(result.error, ['errors', node]) };
    const { delta, routes } = result;
    return {
      ...result,
      ...(delta === undefined ? {} : { delta: this.#delta(delta, 'outputs', node) }),
      ...(routes === undefined ? {} : { routes: routes.map((route) => this.#route(route)) }),
    };
  }

  #route(route: Route): Route {
    return route.kind === 'send' ? { ...route, input: this.#at(route.input, ['sends', route.node]) } : route;
  }

  #result(result: Value, node: string, path: readonly string[]): Value {
    const { value, error } = result as { readonly value?: Value; readonly error?: Value };
    return {
      ...(result as object),
      ...(value === undefined ? {} : { value: this.#at(value, path) }),
      ...(error === undefined ? {} : { error: this.#at(error, ['errors', node]) }),
    } as Value;
  }

  #commit(entry: CommitEntry): CommitEntry {
    return {
      ...entry,
      frontier: entry.frontier.map((task) => this.#task(task)),
      ...(entry.input === undefined ? {} : { input: this.#at(this.#at(entry.input, ['state']), ['input']) }),
      ...(entry.patch === undefined ? {} : { patch: this.#patch(entry.patch, below(this.#places, 'state')) }),
    };
  }

  #task(task: TaskSpec): TaskSpec {
    return 'input' in task ? { ...task, input: this.#at(task.input, ['sends', task.node]) } : task;
  }

  #end(end: RunEnd): RunEnd {
    return end.status === 'failed' ? { ...end, error: this.#at(end.error, ['errors', '']) } : end;
  }

  #patch(patch: Patch, places: readonly Place[]): Patch {
    if (places.length === 0) return patch;
    switch (patch.kind) {
      case 'set':
        return { ...patch, value: mapPlaced(patch.value, places, this.#leaf) };
      case 'append':
        return {
          ...patch,
          items: canonicalList(patch.items.map((item) => mapPlaced(item, below(places, '*'), this.#leaf))),
        };
      case 'record':
        return {
          ...patch,
          changed: Object.fromEntries(
            Object.entries(patch.changed).map(([key, inner]) => [key, this.#patch(inner, below(places, key))]),
          ),
        };
    }
  }

  /** Initial values. The fields of an inner graph have the paths of a state too. */
  #graph(graph: GraphDescription): GraphDescription {
    const places = below(this.#places, 'state');
    if (places.length === 0) return graph;
    const nodes = graph.nodes.map((node) =>
      node.subgraph === undefined ? node : { ...node, subgraph: this.#graph(node.subgraph) },
    );
    const { state } = graph;
    if (state.kind === 'function')
      return { ...graph, state: { ...state, initial: mapPlaced(state.initial, places, this.#leaf) }, nodes };
    const fields = Object.entries(state.fields).map(([name, field]): readonly [string, FieldDescription] =>
      'initial' in field
        ? [name, { ...field, initial: mapPlaced(field.initial, below(places, name), this.#leaf) }]
        : [name, field],
    );
    return { ...graph, state: { ...state, fields: Object.fromEntries(fields) }, nodes };
  }
}
