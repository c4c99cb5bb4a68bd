// A journal under other names of nodes. A name says nothing of what a node did, so nothing else changes.
import type { CanonicalStep } from './canonical.ts';
import type { GraphDescription, NodeDescription } from '../description.ts';
import type { AttemptResult, Entry, Route, TaskSpec } from '../entry.ts';

/** New names by old ones. */
export type NodeNames = ReadonlyMap<string, string>;

export function withNodeNames<Given extends Entry>(entry: Given, names: NodeNames): Given {
  return names.size === 0 ? entry : (renamed(entry, names) as Given);
}

/** All entries of a step. */
export function namedEntries<Step extends CanonicalStep>(
  { entries, beside }: Step,
  names: NodeNames,
): Pick<CanonicalStep, 'entries' | 'beside'> {
  return {
    entries: entries.map((entry) => withNodeNames(entry, names)),
    beside: beside.map((entry) => withNodeNames(entry, names)),
  };
}

function renamed(entry: Entry, names: NodeNames): Entry {
  switch (entry.kind) {
    case 'run':
      return { ...entry, graph: graphWithNodeNames(entry.graph, names) };
    case 'outcome':
      return { ...entry, node: nameOf(entry.node, names), result: resultOf(entry.result, names) };
    case 'commit':
      return { ...entry, frontier: entry.frontier.map((task) => withName(task, names)) };
    case 'edit':
      return entry.graph === undefined ? entry : { ...entry, graph: graphWithNodeNames(entry.graph, names) };
    case 'effect':
    case 'pooled':
    case 'event':
    case 'task':
    case 'end':
      return entry;
    case 'note':
      return entry.node === undefined ? entry : { ...entry, node: nameOf(entry.node, names) };
    default:
      return { ...entry, node: nameOf(entry.node, names) };
  }
}

function nameOf(name: string, names: NodeNames): string {
  return names.get(name) ?? name;
}

function withName<Named extends TaskSpec | Route>(named: Named, names: NodeNames): Named {
  return 'node' in named ? { ...named, node: nameOf(named.node, names) } : named;
}

function resultOf(result: AttemptResult, names: NodeNames): AttemptResult {
  if (result.status !== 'done' || result.routes === undefined) return result;
  return { ...result, routes: result.routes.map((route) => withName(route, names)) };
}

export function graphWithNodeNames(graph: GraphDescription, names: NodeNames): GraphDescription {
  if (names.size === 0) return graph;
  return {
    ...graph,
    start: nameOf(graph.start, names),
    nodes: graph.nodes.map((node) => nodeOf(node, names)),
    edges: graph.edges.map((edge) =>
      edge.kind === 'edge'
        ? { ...edge, from: nameOf(edge.from, names), to: nameOf(edge.to, names) }
        : { ...edge, from: edge.from.map((name) => nameOf(name, names)), to: nameOf(edge.to, names) },
    ),
  };
}

function nodeOf({ subgraph, ...node }: NodeDescription, names: NodeNames): NodeDescription {
  return {
    ...node,
    name: nameOf(node.name, names),
    ...(node.onError === undefined ? {} : { onError: nameOf(node.onError, names) }),
    ...(subgraph === undefined ? {} : { subgraph: graphWithNodeNames(subgraph, names) }),
  };
}
