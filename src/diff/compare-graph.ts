// Compares the descriptions of two graphs: which node, edge or field was added, removed or changed.
import { sameValue } from '../base/equal.ts';
import { canonicalValue } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { firstDifference } from './value-difference.ts';
import type { GraphDescription } from '../journal/description.ts';
import type { Divergence } from './divergence.ts';

type Named = ReadonlyMap<string, Value>;

export function compareGraphs(recorded: GraphDescription, replayed: GraphDescription): readonly Divergence[] {
  const left = partsOf(recorded);
  const right = partsOf(replayed);
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return names.flatMap((name) => graphDivergence(name, left.get(name), right.get(name)));
}

function graphDivergence(path: string, recorded: Value, replayed: Value): readonly Divergence[] {
  if (sameValue(recorded, replayed)) return [];
  const detail = recorded === undefined ? 'was added' : replayed === undefined ? 'was removed' : 'was changed';
  const difference = detail === 'was changed' ? firstDifference(recorded, replayed, path) : undefined;
  return [{ kind: 'graph', at: '', step: 0, ...(difference ?? { path, recorded, replayed }), detail }];
}

/** The graph as named parts, so that one that was added does not shift the others. */
function partsOf(graph: GraphDescription): Named {
  const parts = new Map<string, Value>();
  const add = (path: string, value: unknown): void => void parts.set(path, canonicalValue(value, path));
  add('graph.start', graph.start);
  if (graph.version !== undefined) add('graph.version', graph.version);
  if (graph.state.kind === 'fields')
    for (const [name, field] of Object.entries(graph.state.fields)) add(`graph.state.${name}`, field);
  else add('graph.state', graph.state);
  for (const node of graph.nodes) add(`graph.nodes["${node.name}"]`, node);
  for (const edge of graph.edges) {
    const from = typeof edge.from === 'string' ? edge.from : edge.from.join(' + ');
    add(`graph.edges["${from} → ${edge.to}"]`, edge);
  }
  return parts;
}
