// The text of a changed graph. It is for people; code never parses it.
import type { Divergence } from '../divergence.ts';
import { graphWithNodeNames } from '../../journal/run/renamed-nodes.ts';
import type { GraphDescription } from '../../journal/description.ts';
import { compareGraphs } from './compare-graph.ts';
import { renamedNodes } from './renamed-nodes.ts';
import type { GraphChange, GraphPart } from './graph-change.ts';
import { keyPath } from '../value/value-difference.ts';

/** How today's graph differs from the recorded one, for a report. A node under another name is one change. */
export function graphDifferences(recorded: GraphDescription, today: GraphDescription): readonly Divergence[] {
  const names = renamedNodes(recorded, today);
  const changes = compareGraphs(names.size === 0 ? recorded : graphWithNodeNames(recorded, names), today);
  const renamed = [...names].map(([before, now]): Divergence => {
    const path = partPath({ kind: 'node', names: [before], ordinal: 0, subgraph: [] });
    const detail = `is named ${JSON.stringify(now)} now`;
    return Object.freeze({ kind: 'graph', at: '', step: 0, path, recorded: before, replayed: now, detail });
  });
  return [
    ...renamed,
    ...(renamed.length > 0 && changes.every(({ kind }) => kind === 'order') ? [] : graphDivergences(changes)),
  ];
}

/** Lists the changes of a graph for a report. A new order is worth a line only if nothing else changed. */
export function graphDivergences(changes: readonly GraphChange[]): readonly Divergence[] {
  const parts = changes.filter(({ kind }) => kind !== 'order');
  return (parts.length > 0 ? parts : changes.slice(0, 1)).map((change) => {
    const { recorded, replayed } =
      change.kind === 'order' ? { recorded: partPath(change.recorded), replayed: partPath(change.replayed) } : change;
    const path = changePath(change);
    return Object.freeze({ kind: 'graph', at: '', step: 0, path, recorded, replayed, detail: details[change.change] });
  });
}

/** A change as a sentence: `graph.nodes["ask"].attempts was changed`. */
export function graphChangeText(change: GraphChange): string {
  return `${changePath(change)} ${details[change.change]}`;
}

const details: { readonly [change in GraphChange['change']]: string } = {
  added: 'was added',
  removed: 'was removed',
  changed: 'was changed',
  reordered: 'is declared in a different order',
};

function changePath(change: GraphChange): string {
  return change.kind === 'order' ? 'graph' : `${partPath(change)}${change.path}`;
}

/** The path of a part in its graph: `graph.edges["ask → answer"]`. No two parts of a graph share a path. */
export function partPath({ kind, names, ordinal, subgraph }: GraphPart): string {
  const around = subgraph.map((name) => `.nodes[${JSON.stringify(name)}].subgraph`).join('');
  return `graph${around}${ownPath(kind, names, ordinal)}`;
}

function ownPath(kind: GraphPart['kind'], names: readonly string[], ordinal: number): string {
  const [first = ''] = names;
  switch (kind) {
    case 'field':
      return `.state${keyPath(first)}`;
    case 'node':
      return `.nodes[${JSON.stringify(first)}]`;
    case 'edge':
    case 'join':
      return `.edges[${JSON.stringify(edgeName(names, ordinal))}]`;
    default:
      return `.${kind}`;
  }
}

function edgeName(names: readonly string[], ordinal: number): string {
  const ends = names.map(nameInEdge);
  const arrow = `${ends.slice(0, -1).join(' + ')} → ${ends.at(-1)}`;
  return ordinal === 0 ? arrow : `${arrow} (${ordinal + 1})`;
}

/** Quoted if the name contains one of the separators. */
function nameInEdge(name: string): string {
  return /^"| \+ | → | \(\d+\)$/.test(name) ? JSON.stringify(name) : name;
}
