// Which changes of a graph decide about a state, a conflict, how a node ends, or what comes next.
import { isRecordValue } from '../../journal/record-value.ts';
import type { Divergence } from '../divergence.ts';

/** By place in the list. */
export function changesBehind(divergence: Divergence, divergences: readonly Divergence[]): readonly number[] {
  const { kind, path } = divergence;
  const isBehind = (change: string): boolean => {
    if (kind === 'error') return optionsBehind(divergence).some((option) => change.endsWith(option));
    if (kind === 'route')
      return nodesOfRoute(divergence).some((node) => change === `graph.nodes[${JSON.stringify(node)}]`);
    if (kind === 'frontier') return decidesFrontier.test(change);
    if (kind === 'conflict') return change.startsWith('graph.state');
    return kind === 'state' && isWithin(change, `graph.${path}`);
  };
  return [...divergences.entries()].flatMap(([place, change]) =>
    change.kind === 'graph' && isBehind(change.path) ? [place] : [],
  );
}

/** The nodes that a route leads to, in either run. One that is new or gone decides it. */
function nodesOfRoute({ path, recorded, replayed }: Divergence): readonly string[] {
  if (/^route\[\d+\]\.node$/.test(path)) return [recorded, replayed].map(String);
  if (!/^route\[\d+\]$/.test(path)) return [];
  return [recorded, replayed].flatMap((route) => (isRecordValue(route) ? [String(route.node)] : []));
}

/** The options of its node that decide how an attempt ends, and how many there are. */
function optionsBehind({ node, path, recorded, replayed }: Divergence): readonly string[] {
  if (node === undefined) return [];
  const option = (name: string): string => `.nodes[${JSON.stringify(node)}].${name}`;
  if (path === 'attempts') return [option('attempts')];
  const isTimed =
    path === 'error.fields.timeoutMs' || [recorded, replayed].some((end) => /^timeout: /.test(String(end)));
  return isTimed ? [option('timeoutMs')] : [];
}

const decidesFrontier = /\.(?:start|onError|edges\[.*|nodes\["(?:[^"\\]|\\.)*"\])$/;

/** Whether a change of the graph is one of the field that a path of the state leads through. */
function isWithin(change: string, path: string): boolean {
  const field = /^graph\.state(?:\.[\w$-]+|\["(?:[^"\\]|\\.)*"\])/.exec(path)?.[0];
  return (
    field !== undefined && (change === field || /^[.[]/.test(change.slice(field.length))) && change.startsWith(field)
  );
}
