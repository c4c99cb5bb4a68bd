// Arbitrary descriptions of graphs, and pairs of them that differ a little.
import fc from 'fast-check';
import type {
  EdgeDescription,
  FieldDescription,
  GraphDescription,
  NodeDescription,
  StateDescription,
} from '../../src/journal/description.ts';

/** Few, so that two graphs share most of them. */
export const plainNames = ['a', 'b', 'c', 'd'];
/** Names that read like edges between the plain ones, or like quoted names. */
export const trickyNames = ['a + b', 'a → b', 'b (2)', '"a', 'b"', 'say "hi"', '→'];

function field(kind: FieldDescription['kind'], initial: string | undefined): FieldDescription {
  return initial === undefined ? { kind, required: true } : { kind, required: false, initial };
}

const fields = fc
  .array(
    fc.record({
      name: fc.constantFrom('text', 'kind', 'x y', '"x"', '["x"]'),
      kind: fc.constantFrom('last' as const, 'append' as const),
      initial: fc.constantFrom(undefined, '', 'x'),
    }),
    { maxLength: 3 },
  )
  .map((list) => Object.fromEntries(list.map(({ name, kind, initial }) => [name, field(kind, initial)])));

const states: fc.Arbitrary<StateDescription> = fc.oneof(
  { weight: 4, arbitrary: fields.map((given) => ({ kind: 'fields' as const, fields: given })) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1).map((initial) => ({ kind: 'function' as const, initial })) },
);

function edges(names: readonly string[]): fc.Arbitrary<EdgeDescription> {
  const name = fc.constantFrom(...names);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(name, name, fc.constantFrom(undefined, 'yes', 'no')).map(edgeOf) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.subarray([...names], { minLength: 1, maxLength: Math.min(3, names.length) }), name)
        .map(([from, to]) => ({ kind: 'join' as const, from, to })),
    },
  );
}

function edgeOf([from, to, label]: readonly [string, string, string | undefined]): EdgeDescription {
  return { kind: 'edge', from, to, conditional: label !== undefined, ...(label === undefined ? {} : { label }) };
}

function nodes(name: string, names: readonly string[], depth: number): fc.Arbitrary<NodeDescription> {
  return fc
    .record({
      takesInput: fc.boolean(),
      attempts: fc.constantFrom(undefined, 2),
      onError: fc.constantFrom(undefined, ...names),
      subgraph: depth === 0 ? fc.constant(undefined) : fc.option(graphs(names, depth - 1), { nil: undefined }),
    })
    .map(({ takesInput, attempts, onError, subgraph }) => ({
      name,
      takesInput,
      ...(attempts === undefined ? {} : { attempts }),
      ...(onError === undefined ? {} : { onError }),
      ...(subgraph === undefined ? {} : { subgraph }),
    }));
}

/** Of nodes with these names, and with subgraphs so many levels deep. */
export function graphs(names: readonly string[], depth = 1): fc.Arbitrary<GraphDescription> {
  return fc
    .shuffledSubarray([...names], { minLength: 1, maxLength: Math.min(5, names.length) })
    .chain((own) =>
      fc.record({
        name: fc.constantFrom('desk', 'shop'),
        version: fc.constantFrom(undefined, '1', '2'),
        schemas: fc.constantFrom(undefined, ['input' as const], ['input' as const, 'state' as const]),
        state: states,
        nodes: fc.tuple(...own.map((name) => nodes(name, own, depth))),
        edges: fc.array(edges(own), { maxLength: 8 }),
        start: fc.constantFrom(...own),
      }),
    )
    .map(({ version, schemas, ...graph }) => ({
      ...graph,
      ...(version === undefined ? {} : { version }),
      ...(schemas === undefined ? {} : { schemas }),
    }));
}

/** A graph beside itself, itself in another order, itself with parts of another one, or another one. */
export function graphPairs(
  names: readonly string[],
  depth = 1,
): fc.Arbitrary<readonly [GraphDescription, GraphDescription]> {
  const graph = graphs(names, depth);
  return fc.oneof(
    fc.tuple(graph, graph),
    graph.map((one) => [one, structuredClone(one)] as const),
    graph.chain((one) =>
      fc
        .tuple(reordered(one.nodes), reordered(one.edges))
        .map(([ownNodes, ownEdges]) => [one, { ...one, nodes: ownNodes, edges: ownEdges }] as const),
    ),
    fc
      .tuple(graph, graph, fc.subarray(['name', 'version', 'state', 'nodes', 'edges', 'start'] as const))
      .map(([one, other, parts]) => [one, { ...one, ...picked(other, parts) }] as const),
    fc.tuple(graph, fc.nat()).map(([one, draw]) => [one, { ...one, edges: relabelled(one.edges, draw) }] as const),
    fc
      .tuple(graph, graph)
      .map(
        ([one, other]) => [one, { ...one, edges: [...one.edges, ...other.edges], nodes: one.nodes.slice(1) }] as const,
      ),
  );
}

function relabelled(list: readonly EdgeDescription[], draw: number): readonly EdgeDescription[] {
  return list.map((edge, place) =>
    edge.kind === 'edge' && place === draw % list.length ? { ...edge, label: 'maybe' } : edge,
  );
}

function reordered<Item>(list: readonly Item[]): fc.Arbitrary<readonly Item[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

function picked<Key extends keyof GraphDescription>(graph: GraphDescription, keys: readonly Key[]): object {
  return Object.fromEntries(keys.flatMap((key) => (graph[key] === undefined ? [] : [[key, graph[key]]])));
}

/** The same graph, with every node under another name. */
export function renamed(graph: GraphDescription, nameOf: (name: string) => string): GraphDescription {
  return {
    ...graph,
    start: nameOf(graph.start),
    nodes: graph.nodes.map(({ onError, subgraph, ...node }) => ({
      ...node,
      name: nameOf(node.name),
      ...(onError === undefined ? {} : { onError: nameOf(onError) }),
      ...(subgraph === undefined ? {} : { subgraph: renamed(subgraph, nameOf) }),
    })),
    edges: graph.edges.map((edge) =>
      edge.kind === 'edge'
        ? { ...edge, from: nameOf(edge.from), to: nameOf(edge.to) }
        : { ...edge, from: edge.from.map(nameOf), to: nameOf(edge.to) },
    ),
  };
}

/** Gives each of the plain names a tricky one. */
export const trickyRenamings: fc.Arbitrary<(name: string) => string> = fc
  .shuffledSubarray(trickyNames, { minLength: plainNames.length, maxLength: plainNames.length })
  .map((tricky) => (name: string) => tricky[plainNames.indexOf(name)] ?? name);
