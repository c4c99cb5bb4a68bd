import { describe, expect, it } from 'vitest';
import { compareGraphs } from '../../../../src/diff/graph/compare-graph.ts';
import type { GraphChange } from '../../../../src/diff/graph/graph-change.ts';
import type { EdgeDescription, GraphDescription } from '../../../../src/journal/description.ts';
import { graphOf } from '../../../support/journals.ts';

const edge = (from: string, to: string, label?: string): EdgeDescription => ({
  kind: 'edge',
  from,
  to,
  conditional: label !== undefined,
  ...(label === undefined ? {} : { label }),
});
const join = (from: readonly string[], to: string): EdgeDescription => ({ kind: 'join', from, to });
const withEdges = (...edges: readonly EdgeDescription[]): GraphDescription => ({ ...base, edges });
const base: GraphDescription = { ...graphOf('desk', ['ask', 'answer']), edges: [edge('ask', 'answer')] };
const [ask = { name: 'ask', takesInput: false }] = base.nodes;
const text = { kind: 'last', required: false, initial: '' } as const;

function changesOf(replayed: GraphDescription, recorded = base): readonly GraphChange[] {
  return compareGraphs(recorded, replayed);
}

describe('two graphs', () => {
  it('have no change if they are described alike', () => {
    expect(changesOf({ ...base })).toEqual([]);
  });

  it.each<[string, Partial<GraphDescription>, Partial<GraphChange>]>([
    ['another name', { name: 'other' }, { kind: 'name', change: 'changed', recorded: 'desk', replayed: 'other' }],
    ['another start', { start: 'answer' }, { kind: 'start', change: 'changed', recorded: 'ask', replayed: 'answer' }],
    ['a version', { version: '2' }, { kind: 'version', change: 'added', replayed: '2' }],
    ['a schema', { schemas: ['input'] }, { kind: 'schemas', change: 'added', replayed: ['input'] }],
    [
      'a node more, in front',
      { nodes: [{ name: 'new', takesInput: false }, ...base.nodes] },
      { kind: 'node', change: 'added', names: ['new'], path: '' },
    ],
    [
      'a node less',
      { nodes: [ask] },
      { kind: 'node', change: 'removed', names: ['answer'], path: '', recorded: { name: 'answer', takesInput: false } },
    ],
    [
      'other retries',
      { nodes: base.nodes.map((node) => (node.name === 'ask' ? { ...node, attempts: 3 } : node)) },
      { kind: 'node', change: 'changed', names: ['ask'], path: '.attempts', recorded: undefined, replayed: 3 },
    ],
    [
      'a second edge between the same nodes',
      { edges: [...base.edges, edge('ask', 'answer', 'dear')] },
      { kind: 'edge', change: 'added', names: ['ask', 'answer'], ordinal: 1 },
    ],
    [
      'a label on an edge',
      { edges: [edge('ask', 'answer', 'dear')] },
      { kind: 'edge', change: 'changed', names: ['ask', 'answer'], path: '.conditional' },
    ],
    [
      'a join',
      { edges: [...base.edges, join(['ask', 'answer'], 'ask')] },
      { kind: 'join', change: 'added', names: ['ask', 'answer', 'ask'] },
    ],
    [
      'a join in place of an edge',
      { edges: [join(['ask'], 'answer')] },
      { kind: 'edge', change: 'changed', names: ['ask', 'answer'], path: '.conditional' },
    ],
    [
      'a field of another kind',
      { state: { kind: 'fields', fields: { text: { ...text, kind: 'text' } } } },
      { kind: 'field', change: 'changed', names: ['text'], path: '.kind', recorded: 'last', replayed: 'text' },
    ],
    [
      'another field',
      { state: { kind: 'fields', fields: { text, more: text } } },
      { kind: 'field', change: 'added', names: ['more'], path: '', replayed: text },
    ],
  ])('with %s', (_name, fields, expected) => {
    const changes = changesOf({ ...base, ...fields });
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ subgraph: [], ...expected });
  });

  it('with a function in place of fields have both as changes', () => {
    expect(changesOf({ ...base, state: { kind: 'function', initial: 0 } })).toMatchObject([
      { kind: 'field', change: 'removed', names: ['text'] },
      { kind: 'state', change: 'added', names: [] },
    ]);
  });

  it('are compared inside their subgraphs, part by part', () => {
    const around = (subgraph: GraphDescription): GraphDescription => ({ ...base, nodes: [{ ...ask, subgraph }] });
    const inner = { ...base, nodes: [...base.nodes, { name: 'more', takesInput: false }] };
    expect(changesOf(around(around(inner)), around(around(base)))).toMatchObject([
      { kind: 'node', change: 'added', names: ['more'], subgraph: ['ask', 'ask'] },
    ]);
  });
});

describe('the order of declaration', () => {
  it('of nodes makes no difference to a run', () => {
    expect(changesOf({ ...base, nodes: [...base.nodes].reverse() })).toMatchObject([
      { kind: 'order', change: 'reordered', names: [], recorded: { names: ['ask'] }, replayed: { names: ['answer'] } },
    ]);
  });

  const left = [edge('ask', 'answer'), edge('answer', 'ask'), edge('ask', 'ask'), join(['ask', 'answer'], 'ask')];
  const [toAnswer, back, loop, both] = left as [EdgeDescription, EdgeDescription, EdgeDescription, EdgeDescription];

  it.each<[string, readonly EdgeDescription[], readonly string[]]>([
    ['of one node', [loop, back, toAnswer, both], ['ask']],
    ['of different nodes', [back, toAnswer, loop, both], []],
    ['and a join of them', [both, toAnswer, back, loop], ['ask', 'answer']],
    ['and a join of one of them', [toAnswer, both, back, loop], ['ask', 'answer']],
  ])('of edges %s names the nodes whose edges are in another order', (_name, edges, names) => {
    const changes = compareGraphs(withEdges(...left), withEdges(...edges));
    expect(changes).toMatchObject([{ kind: 'order', names, subgraph: [] }]);
  });

  it('is compared for the parts that both graphs have', () => {
    expect(compareGraphs(withEdges(toAnswer, back, loop), withEdges(loop, both, toAnswer))).toMatchObject([
      { kind: 'edge', change: 'removed', names: ['answer', 'ask'] },
      { kind: 'join', change: 'added', names: ['ask', 'answer', 'ask'] },
      { kind: 'order', names: ['ask'], recorded: { names: ['ask', 'answer'] }, replayed: { names: ['ask', 'ask'] } },
    ]);
  });

  it('is listed by where the first part moved from, a subgraph with its node', () => {
    const other = { name: 'other', takesInput: false };
    const [first, last] = base.nodes.map((node) => ({ ...node, subgraph: base })) as [typeof ask, typeof ask];
    const turned = { ...first, subgraph: { ...base, nodes: [...base.nodes].reverse() } };
    const graph = { ...base, nodes: [first, last, other] };
    const orders = (...nodes: GraphDescription['nodes']): readonly (readonly string[])[] =>
      changesOf({ ...base, nodes }, graph).map(({ subgraph }) => subgraph);
    expect(orders(last, turned, other)).toEqual([[], ['ask']]);
    expect(orders(turned, other, last)).toEqual([['ask'], []]);
  });
});

describe('names that read like something else', () => {
  it('are told apart: an edge to "b (2)" is no second edge to "b"', () => {
    const edges = [edge('a', 'b (2)'), edge('a', 'b'), edge('a', 'b')];
    expect(compareGraphs(withEdges(...edges), withEdges(edge('a', 'b (2)', 'x'), ...edges.slice(1)))).toMatchObject([
      { kind: 'edge', change: 'changed', names: ['a', 'b (2)'], ordinal: 0 },
    ]);
  });

  it('are told apart: an edge from "a + b" is no join of "a" and "b"', () => {
    expect(compareGraphs(withEdges(edge('a + b', 'c')), withEdges(join(['a', 'b'], 'c')))).toMatchObject([
      { kind: 'edge', change: 'removed', names: ['a + b', 'c'] },
      { kind: 'join', change: 'added', names: ['a', 'b', 'c'] },
    ]);
  });

  it('stay names', () => {
    expect(compareGraphs(withEdges(), withEdges(edge('plan + write', 'a → b')))).toMatchObject([
      { kind: 'edge', change: 'added', names: ['plan + write', 'a → b'] },
    ]);
  });
});
