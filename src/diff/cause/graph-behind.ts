// Which changes of a graph decide about a state, a conflict or what comes next.
import type { Divergence } from '../divergence.ts';

/** By place in the list. */
export function changesBehind({ kind, path }: Divergence, divergences: readonly Divergence[]): readonly number[] {
  const isBehind = (change: string): boolean => {
    if (kind === 'frontier') return decidesFrontier.test(change);
    if (kind === 'conflict') return change.startsWith('graph.state');
    return kind === 'state' && isWithin(change, `graph.${path}`);
  };
  return [...divergences.entries()].flatMap(([place, change]) =>
    change.kind === 'graph' && isBehind(change.path) ? [place] : [],
  );
}

const decidesFrontier = /\.(?:start|onError|edges\[.*|nodes\["(?:[^"\\]|\\.)*"\])$/;

/** Whether a change of the graph is one of the field that a path of the state leads through. */
function isWithin(change: string, path: string): boolean {
  const field = /^graph\.state(?:\.[\w$-]+|\["(?:[^"\\]|\\.)*"\])/.exec(path)?.[0];
  return (
    field !== undefined && (change === field || /^[.[]/.test(change.slice(field.length))) && change.startsWith(field)
  );
}
