import { describe, expect, it } from 'vitest';
import type { GraphChange, GraphPart, PartChange } from '../../../../src/diff/graph/graph-change.ts';
import { graphChangeText, graphDivergences, partPath } from '../../../../src/diff/graph/graph-divergence.ts';

function part(kind: GraphPart['kind'], names: readonly string[] = [], fields: Partial<GraphPart> = {}): GraphPart {
  return { kind, names, ordinal: 0, subgraph: [], ...fields };
}

function changed(changedPart: GraphPart, fields: Partial<PartChange> = {}): GraphChange {
  return { ...changedPart, change: 'changed', path: '', recorded: 1, replayed: 2, ...fields };
}

const reordered: GraphChange = {
  kind: 'order',
  change: 'reordered',
  names: ['ask'],
  subgraph: [],
  recorded: part('edge', ['ask', 'answer']),
  replayed: part('edge', ['ask', 'ask']),
};

describe('the path of a part', () => {
  it.each<[GraphPart, string]>([
    [part('name'), 'graph.name'],
    [part('version'), 'graph.version'],
    [part('schemas'), 'graph.schemas'],
    [part('start'), 'graph.start'],
    [part('state'), 'graph.state'],
    [part('field', ['text']), 'graph.state.text'],
    [part('field', ['a text']), 'graph.state["a text"]'],
    [part('node', ['ask']), 'graph.nodes["ask"]'],
    [part('node', ['say "hi" → ask']), 'graph.nodes["say \\"hi\\" → ask"]'],
    [part('edge', ['ask', 'answer']), 'graph.edges["ask → answer"]'],
    [part('edge', ['ask', 'answer'], { ordinal: 1 }), 'graph.edges["ask → answer (2)"]'],
    [part('join', ['ask', 'look', 'answer']), 'graph.edges["ask + look → answer"]'],
    [
      part('node', ['more'], { subgraph: ['ask', 'a → b'] }),
      'graph.nodes["ask"].subgraph.nodes["a → b"].subgraph.nodes["more"]',
    ],
  ])('of %j', (given, path) => {
    expect(partPath(given)).toBe(path);
  });

  it('of an edge quotes a name only where it could be read as something else', () => {
    const pathsOf = (...names: readonly string[]): string => JSON.parse(partPath(part('edge', names)).slice(12, -1));
    expect(pathsOf('a + b', 'c')).toBe('"a + b" → c');
    expect(pathsOf('a', 'b → c')).toBe('a → "b → c"');
    expect(pathsOf('a', 'b (2)')).toBe('a → "b (2)"');
    expect(pathsOf('"a', 'b"')).toBe('"\\"a" → b"');
    expect(pathsOf('say "hi"', 'a+b', 'a→b', '(2)')).toBe('say "hi" + a+b + a→b → (2)');
  });
});

describe('the divergences of a graph', () => {
  it('say where a part changed, and to what', () => {
    const change = changed(part('node', ['ask']), { path: '.attempts', recorded: undefined, replayed: 3 });
    const [divergence] = graphDivergences([change]);
    expect(divergence).toEqual({
      kind: 'graph',
      at: '',
      step: 0,
      path: 'graph.nodes["ask"].attempts',
      recorded: undefined,
      replayed: 3,
      detail: 'was changed',
    });
    expect(Object.keys(divergence ?? {})).toEqual(['kind', 'at', 'step', 'path', 'recorded', 'replayed', 'detail']);
    expect(graphChangeText(change)).toBe('graph.nodes["ask"].attempts was changed');
  });

  it.each([
    ['added', 'graph.version was added'],
    ['removed', 'graph.version was removed'],
  ] as const)('say that a part was %s', (change, text) => {
    expect(graphChangeText(changed(part('version'), { change }))).toBe(text);
  });

  it('name another order where nothing else changed, once', () => {
    const inner = { ...reordered, subgraph: ['ask'] };
    expect(graphDivergences([reordered, inner])).toMatchObject([
      {
        path: 'graph',
        recorded: 'graph.edges["ask → answer"]',
        replayed: 'graph.edges["ask → ask"]',
        detail: 'is declared in a different order',
      },
    ]);
    expect(graphDivergences([changed(part('version')), reordered]).map(({ path }) => path)).toEqual(['graph.version']);
  });
});
