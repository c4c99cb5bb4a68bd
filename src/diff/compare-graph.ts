// Compares the descriptions of two graphs: which node, edge or field was added, removed, changed or moved.
import { sameValue } from '../base/equal.ts';
import { canonicalValue } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { EdgeDescription, GraphDescription } from '../journal/description.ts';
import type { Divergence } from './divergence.ts';
import { firstDifference, keyPath } from './value-difference.ts';

/** The graph as named parts, so that one that was added does not shift the others. */
type Parts = ReadonlyMap<string, Value>;

export function compareGraphs(recorded: GraphDescription, replayed: GraphDescription): readonly Divergence[] {
  const left = partsOf(recorded);
  const right = partsOf(replayed);
  const names = [...new Set([...left.keys(), ...right.keys()])];
  const changed = names.flatMap((path) => partDivergence(path, left.get(path), right.get(path)));
  return changed.length > 0 ? changed : orderDivergence([...left.keys()], [...right.keys()]);
}

function partDivergence(path: string, recorded: Value, replayed: Value): readonly Divergence[] {
  if (sameValue(recorded, replayed)) return [];
  if (recorded === undefined || replayed === undefined)
    return [graphDivergence(path, recorded, replayed, recorded === undefined ? 'was added' : 'was removed')];
  const found = firstDifference(recorded, replayed, path) ?? { path, recorded, replayed };
  return [graphDivergence(found.path, found.recorded, found.replayed, 'was changed')];
}

/** The order in which nodes and edges are declared decides ranks. */
function orderDivergence(recorded: readonly string[], replayed: readonly string[]): readonly Divergence[] {
  const place = recorded.findIndex((path, index) => path !== replayed[index]);
  if (place < 0) return [];
  return [graphDivergence('graph', recorded[place], replayed[place], 'is declared in another order')];
}

function graphDivergence(path: string, recorded: Value, replayed: Value, detail: string): Divergence {
  return Object.freeze({ kind: 'graph', at: '', step: 0, path, recorded, replayed, detail });
}

function partsOf(graph: GraphDescription): Parts {
  const parts = new Map<string, Value>();
  addParts(parts, 'graph', graph);
  return parts;
}

function addParts(parts: Map<string, Value>, path: string, graph: GraphDescription): void {
  const add = (below: string, value: unknown): void =>
    void parts.set(path + below, canonicalValue(value, path + below));
  add('.name', graph.name);
  if (graph.version !== undefined) add('.version', graph.version);
  if (graph.schemas !== undefined) add('.schemas', graph.schemas);
  add('.start', graph.start);
  if (graph.state.kind === 'fields')
    for (const [name, field] of Object.entries(graph.state.fields)) add(`.state${keyPath(name)}`, field);
  else add('.state', graph.state);
  for (const { subgraph, ...node } of graph.nodes) {
    const below = `.nodes[${JSON.stringify(node.name)}]`;
    add(below, node);
    if (subgraph !== undefined) addParts(parts, `${path}${below}.subgraph`, subgraph);
  }
  const counts = new Map<string, number>();
  for (const edge of graph.edges) {
    const name = edgeName(edge);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    // Several edges between the same nodes are told apart by their order.
    add(`.edges[${JSON.stringify(count === 0 ? name : `${name} (${count + 1})`)}]`, edge);
  }
}

function edgeName(edge: EdgeDescription): string {
  return `${typeof edge.from === 'string' ? edge.from : edge.from.join(' + ')} → ${edge.to}`;
}
