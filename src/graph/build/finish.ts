// Turns a valid draft into the graph that the engine reads.
import type { BuiltGraph } from '../built-graph.ts';
import { describeGraph, fingerprintOf } from './describe.ts';
import type { Draft, DraftNode } from './draft.ts';
import { inputParser } from '../input.ts';
import { withFakes } from './with-fakes.ts';
import type { Fakes } from './with-fakes.ts';
import type { GraphSpec, JoinSpec, NodeSpec, Target } from '../spec.ts';

/** `draft` has passed `validateDraft`. */
export function finishGraph(draft: Draft): BuiltGraph {
  const start = draft.starts[0] as string;
  const description = describeGraph(draft, start);
  const spec: GraphSpec = Object.freeze({
    name: draft.name,
    description,
    fingerprint: fingerprintOf(description),
    state: draft.state,
    nodes: new Map(draft.nodes.map((node) => [node.name, finishNode(draft, node)])),
    ...connections(draft),
    start,
    ...(draft.inputSchema === undefined ? {} : { inputSchema: draft.inputSchema }),
    ...(draft.migrate === undefined ? {} : { migrate: draft.migrate }),
  });
  return graphOf(spec);
}

function graphOf(spec: GraphSpec): BuiltGraph {
  const built = {
    kind: 'graph' as const,
    name: spec.name,
    nodeNames: Object.freeze([...spec.nodes.keys()]),
    spec,
    with: (fakes: Fakes) => graphOf(withFakes(spec, fakes)),
  };
  return Object.freeze(built);
}

function finishNode(draft: Draft, node: DraftNode): NodeSpec {
  const parseInput = inputParser(draft.inputs.get(node.name), node.name);
  return Object.freeze(parseInput === undefined ? node : { ...node, parseInput });
}

/** Each node's targets in declared order: a join has its place among the edges of each of its sources. */
function connections({ nodes, edges }: Draft): Pick<GraphSpec, 'targets' | 'joins'> {
  const targets = new Map<string, Target[]>(nodes.map((node) => [node.name, []]));
  const joins: JoinSpec[] = [];
  for (const edge of edges) {
    if (edge.kind === 'edge') {
      const { to, when } = edge;
      targets.get(edge.from)?.push(Object.freeze({ kind: 'edge', to, ...(when === undefined ? {} : { when }) }));
    } else {
      for (const source of edge.from) targets.get(source)?.push(Object.freeze({ kind: 'join', join: joins.length }));
      joins.push(Object.freeze({ from: edge.from, to: edge.to }));
    }
  }
  return { targets, joins: Object.freeze(joins) };
}
