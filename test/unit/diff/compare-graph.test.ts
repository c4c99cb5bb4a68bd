import { describe, expect, it } from 'vitest';
import { compareGraphs } from '../../../src/diff/compare-graph.ts';
import type { EdgeDescription, GraphDescription } from '../../../src/journal/description.ts';
import { graphOf } from '../../support/journals.ts';

const edge = (from: string, to: string, label?: string): EdgeDescription => ({
  kind: 'edge',
  from,
  to,
  conditional: label !== undefined,
  ...(label === undefined ? {} : { label }),
});
const base: GraphDescription = { ...graphOf('desk', ['ask', 'answer']), edges: [edge('ask', 'answer')] };

function changes(replayed: GraphDescription, recorded = base): readonly string[] {
  return compareGraphs(recorded, replayed).map(({ kind, path, detail }) => `${kind} ${path} ${detail}`);
}

describe('two graphs', () => {
  it('have no difference if they are described alike', () => {
    expect(changes({ ...base })).toEqual([]);
  });

  it.each<[string, Partial<GraphDescription>, readonly string[]]>([
    ['another name', { name: 'other' }, ['graph graph.name was changed']],
    ['another start', { start: 'answer' }, ['graph graph.start was changed']],
    ['a version', { version: '2' }, ['graph graph.version was added']],
    [
      'a node more, in front',
      { nodes: [{ name: 'new', takesInput: false }, ...base.nodes] },
      ['graph graph.nodes["new"] was added'],
    ],
    ['a node less', { nodes: base.nodes.slice(0, 1) }, ['graph graph.nodes["answer"] was removed']],
    [
      'other retries',
      { nodes: base.nodes.map((node) => (node.name === 'ask' ? { ...node, attempts: 3 } : node)) },
      ['graph graph.nodes["ask"].attempts was changed'],
    ],
    ['nodes in another order', { nodes: [...base.nodes].reverse() }, ['graph graph is declared in another order']],
    [
      'a second edge between the same',
      { edges: [...base.edges, edge('ask', 'answer', 'dear')] },
      ['graph graph.edges["ask → answer (2)"] was added'],
    ],
    [
      'a join',
      { edges: [...base.edges, { kind: 'join', from: ['ask', 'answer'], to: 'ask' }] },
      ['graph graph.edges["ask + answer → ask"] was added'],
    ],
    [
      'a field of another kind',
      { state: { kind: 'fields', fields: { text: { kind: 'text', required: false, initial: '' } } } },
      ['graph graph.state.text.kind was changed'],
    ],
  ])('with %s', (_name, fields, expected) => {
    expect(changes({ ...base, ...fields })).toEqual(expected);
  });

  it('are compared inside their subgraphs, part by part', () => {
    const around = (subgraph: GraphDescription): GraphDescription => ({
      ...base,
      nodes: [{ name: 'ask', takesInput: false, subgraph }],
    });
    const inner = { ...base, nodes: [...base.nodes, { name: 'more', takesInput: false }] };
    expect(changes(around(inner), around(base))).toEqual(['graph graph.nodes["ask"].subgraph.nodes["more"] was added']);
  });
});
