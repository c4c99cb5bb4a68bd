// The text of a changed graph: for people to read, and never to be read back.
import type { Divergence } from './divergence.ts';
import type { GraphChange, GraphPart } from './graph-change.ts';
import { keyPath } from './value-difference.ts';

/** How a report lists the changes of a graph. A new order is worth a line only where nothing else changed. */
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
  reordered: 'is declared in another order',
};

function changePath(change: GraphChange): string {
  return change.kind === 'order' ? 'graph' : `${partPath(change)}${change.path}`;
}

/** Where a part stands in its graph: `graph.edges["ask → answer"]`. No two parts of a graph have the same path. */
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

/** In quotes if it holds what stands between and after the names. */
function nameInEdge(name: string): string {
  return /^"| \+ | → | \(\d+\)$/.test(name) ? JSON.stringify(name) : name;
}
