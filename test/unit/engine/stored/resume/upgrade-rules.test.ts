import { describe, expect, it } from 'vitest';
import { findUpgradeProblems } from '../../../../../src/engine/stored/resume/upgrade-rules.ts';
import type { UpgradedRun, UpgradeProblem } from '../../../../../src/engine/stored/resume/upgrade-rules.ts';
import type {
  EdgeDescription,
  FieldDescription,
  GraphDescription,
  NodeDescription,
} from '../../../../../src/journal/description.ts';
import { renamed } from '../../../../support/arbitrary-graph.ts';

const node = (name: string, fields: Partial<NodeDescription> = {}): NodeDescription => ({
  name,
  takesInput: false,
  ...fields,
});
const edge = (from: string, to: string): EdgeDescription => ({ kind: 'edge', from, to, conditional: false });
const join = (from: readonly string[], to: string): EdgeDescription => ({ kind: 'join', from, to });
const optional: FieldDescription = { kind: 'last', required: false, initial: '' };
const required: FieldDescription = { kind: 'last', required: true };

const inner: GraphDescription = {
  name: 'inner',
  state: { kind: 'fields', fields: { text: optional } },
  nodes: [node('one'), node('two')],
  edges: [edge('one', 'two'), edge('one', 'one')],
  start: 'one',
};

// The run has passed `begin`, `left` and `early`, and nothing leads to `aside`. It stands before `ask`, and `left` has
// arrived at the second join.
const recorded: GraphDescription = {
  name: 'desk',
  state: { kind: 'fields', fields: { text: optional, given: required } },
  nodes: [
    node('begin'),
    node('left'),
    node('early'),
    node('aside', { subgraph: inner }),
    node('ask', { onError: 'rescue' }),
    node('rescue'),
    node('write', { subgraph: inner }),
    node('meet'),
  ],
  edges: [
    edge('begin', 'ask'),
    edge('begin', 'left'),
    join(['begin', 'left'], 'early'),
    edge('ask', 'write'),
    edge('ask', 'ask'),
    join(['left', 'write'], 'meet'),
  ],
  start: 'begin',
};
const run: UpgradedRun = { frontier: [{ node: 'ask' }], joins: { '1': { left: 1 } } };

type Change = (graph: GraphDescription) => GraphDescription;

const withNode =
  (name: string, fields: Partial<NodeDescription>): Change =>
  (graph) => ({ ...graph, nodes: graph.nodes.map((known) => (known.name === name ? { ...known, ...fields } : known)) });
const withoutNode =
  (name: string): Change =>
  (graph) => ({ ...graph, nodes: graph.nodes.filter((known) => known.name !== name) });
const withNewNode =
  (name: string): Change =>
  (graph) => ({ ...graph, nodes: [node(name), ...graph.nodes] });
const withEdge =
  (added: EdgeDescription): Change =>
  (graph) => ({ ...graph, edges: [...graph.edges, added] });
const withFirstEdge =
  (added: EdgeDescription): Change =>
  (graph) => ({ ...graph, edges: [added, ...graph.edges] });
const withoutEdge =
  (place: number): Change =>
  (graph) => ({ ...graph, edges: graph.edges.filter((_edge, index) => index !== place) });
const withEdgesInOrder =
  (...places: readonly number[]): Change =>
  (graph) => ({ ...graph, edges: places.map((place) => graph.edges[place] as EdgeDescription) });
const withInner =
  (name: string, change: Change): Change =>
  (graph) => ({
    ...graph,
    nodes: graph.nodes.map((known) =>
      known.name === name && known.subgraph !== undefined ? { ...known, subgraph: change(known.subgraph) } : known,
    ),
  });
const withFields =
  (change: { readonly [name: string]: FieldDescription | undefined }): Change =>
  (graph) => {
    const fields = { ...(graph.state.kind === 'fields' ? graph.state.fields : {}), ...change };
    const kept = Object.entries(fields).filter((entry): entry is [string, FieldDescription] => entry[1] !== undefined);
    return { ...graph, state: { kind: 'fields', fields: Object.fromEntries(kept) } };
  };
const both =
  (...changes: readonly Change[]): Change =>
  (graph) =>
    changes.reduce((changed, change) => change(changed), graph);

function textOf(problem: UpgradeProblem): string {
  if (problem.kind !== 'change') return `moved: ${problem.join.names.join(', ')}`;
  const { change, kind, names, subgraph } = problem.change;
  return `${[...subgraph, `${change} ${kind}`].join(': ')}${names.length === 0 ? '' : `: ${names.join(', ')}`}`;
}

/** What changed, how, and the problems that it makes. */
const table: readonly (readonly [what: string, change: Change, problems: readonly string[]])[] = [
  ['nothing', (graph) => graph, []],

  ['the version', (graph) => ({ ...graph, version: '2' }), []],
  ['what is checked by schemas', (graph) => ({ ...graph, schemas: ['input'] }), []],
  ['the start, which is passed', (graph) => ({ ...graph, start: 'left' }), []],

  ['the limits of a node', withNode('ask', { attempts: 3, timeoutMs: 5, maxConcurrent: 1, resumable: true }), []],
  ['a node that is passed', withNode('begin', { onError: 'rescue' }), []],
  ['a node that only code leads to', withNode('aside', { takesInput: true }), []],
  ['a node of the frontier', withNode('ask', { takesInput: true }), ['changed node: ask']],
  ['the handler of a node of the frontier', withNode('ask', { onError: 'meet' }), ['changed node: ask']],
  ['a handler', withNode('rescue', { takesInput: true }), ['changed node: rescue']],
  ['a node after an edge', withNode('write', { onError: 'rescue' }), ['changed node: write']],
  ['a node after a join', withNode('meet', { onError: 'rescue' }), ['changed node: meet']],
  ['a node fewer that is passed', withoutNode('early'), []],
  ['a node fewer that is reachable', withoutNode('meet'), ['removed node: meet']],
  ['a node more', withNewNode('more'), []],

  ['an edge more that is passed', withEdge(edge('begin', 'early')), []],
  ['an edge more to a new node, from a passed one', both(withNewNode('more'), withEdge(edge('left', 'more'))), []],
  [
    'an edge more to a new node, from a reachable one',
    both(withNewNode('more'), withEdge(edge('write', 'more'))),
    ['added edge: write, more'],
  ],
  ['an edge more from a passed node to a reachable one', withEdge(edge('left', 'meet')), []],
  ['an edge fewer from a passed node to the frontier', withoutEdge(0), []],
  [
    'a new node between a passed one and the frontier',
    both(withNewNode('more'), withoutEdge(0), withFirstEdge(edge('begin', 'more')), withFirstEdge(edge('more', 'ask'))),
    [],
  ],
  [
    'a new node between a passed one and the frontier, to which a reachable one leads',
    both(withNewNode('more'), withEdge(edge('more', 'ask')), withEdge(edge('rescue', 'more'))),
    ['added edge: rescue, more'],
  ],
  ['an edge more between reachable nodes', withEdge(edge('rescue', 'write')), ['added edge: rescue, write']],
  ['a second edge like a reachable one', withEdge(edge('ask', 'write')), ['added edge: ask, write']],
  ['an edge fewer that is passed', withoutEdge(1), []],
  ['an edge fewer that is reachable', withoutEdge(3), ['removed edge: ask, write']],
  [
    'a condition of a reachable edge',
    (graph) => ({
      ...graph,
      edges: graph.edges.map((known, place) => (place === 3 ? { ...known, conditional: true } : known)) as never,
    }),
    ['changed edge: ask, write'],
  ],

  ['a join more among passed nodes', withEdge(join(['begin', 'left'], 'aside')), []],
  ['a join more among passed nodes, to the frontier', withEdge(join(['begin', 'left'], 'ask')), []],
  ['a join fewer among passed nodes', withEdgesInOrder(0, 1, 3, 4, 5), ['moved: left, write, meet']],
  ['a join more with a reachable source', withEdge(join(['left', 'ask'], 'aside')), ['added join: left, ask, aside']],
  ['a join fewer that waits', withoutEdge(5), ['removed join: left, write, meet']],
  [
    'a source more of a join that waits',
    both(withoutEdge(5), withEdge(join(['left', 'ask', 'write'], 'meet'))),
    ['removed join: left, write, meet', 'added join: left, ask, write, meet'],
  ],
  [
    'a join more among passed nodes, before the one that waits',
    withFirstEdge(join(['begin', 'left'], 'aside')),
    ['moved: left, write, meet'],
  ],
  ['a join fewer that is passed, before the one that waits', withoutEdge(2), ['moved: left, write, meet']],

  ['the order of nodes', (graph) => ({ ...graph, nodes: [...graph.nodes].reverse() }), []],
  ['the order of edges of a passed node', withEdgesInOrder(1, 0, 2, 3, 4, 5), []],
  ['the order of edges of different nodes', withEdgesInOrder(3, 4, 0, 1, 2, 5), []],
  ['the order of edges of a reachable node', withEdgesInOrder(0, 1, 2, 4, 3, 5), ['reordered order: ask']],
  [
    'the order of edges of a reachable node, beside another change',
    both(withEdgesInOrder(0, 1, 2, 4, 3, 5), (graph) => ({ ...graph, version: '2' })),
    ['reordered order: ask'],
  ],

  ['a node of a subgraph that only code leads to', withInner('aside', withNode('one', { onError: 'two' })), []],
  [
    'a node of a reachable subgraph',
    withInner('write', withNode('one', { onError: 'two' })),
    ['write: changed node: one'],
  ],
  ['the limits of a node of a reachable subgraph', withInner('write', withNode('one', { attempts: 3 })), []],
  ['a node more in a reachable subgraph', withInner('write', withNewNode('more')), []],
  [
    'the order of nodes of a reachable subgraph',
    withInner('write', (graph) => ({ ...graph, nodes: [...graph.nodes].reverse() })),
    [],
  ],
  ['an edge fewer in a reachable subgraph', withInner('write', withoutEdge(0)), ['write: removed edge: one, two']],
  [
    'the order of edges in a reachable subgraph',
    withInner('write', withEdgesInOrder(1, 0)),
    ['write: reordered order: one'],
  ],
  [
    'the start of a reachable subgraph',
    withInner('write', (graph) => ({ ...graph, start: 'two' })),
    ['write: changed start'],
  ],
  [
    'the version of a reachable subgraph',
    withInner('write', (graph) => ({ ...graph, version: '2' })),
    ['write: added version'],
  ],
  [
    'a field more in a reachable subgraph',
    withInner('write', withFields({ more: optional })),
    ['write: added field: more'],
  ],
  [
    'a field fewer in a reachable subgraph',
    withInner('write', withFields({ text: undefined })),
    ['write: removed field: text'],
  ],
  [
    'a subgraph in place of a reachable node',
    withNode('meet', { subgraph: { ...inner, nodes: [node('one')], edges: [] } }),
    ['meet: added name', 'meet: added start', 'meet: added field: text'],
  ],
];

const renamings: readonly (readonly [names: string, nameOf: (name: string) => string])[] = [
  ['plain names', (name) => name],
  ['names with " + " in them', (name) => `plan + ${name} + write`],
  ['names with " → " in them', (name) => `a → ${name} → b`],
  ['names with quotes in them', (name) => `"${name}" and "${name}`],
  ['names with brackets in them', (name) => `nodes["${name}"] (2)`],
];

describe.each(renamings)('a graph with %s', (_names, nameOf) => {
  const renamedRun: UpgradedRun = {
    frontier: run.frontier.map((task) => ({ ...task, node: nameOf(task.node) })),
    joins: { '1': { [nameOf('left')]: 1 } },
  };
  // Fields keep their names.
  const renamedText = (problem: string): string => {
    const parts = problem.split(': ');
    return parts
      .map((part, place) => {
        if (/^(?:added|changed|removed|reordered) /.test(part) || part === 'moved') return part;
        return parts[place - 1]?.endsWith('field') === true ? part : part.split(', ').map(nameOf).join(', ');
      })
      .join(': ');
  };

  it.each(table)('in which %s has changed', (_what, change, problems) => {
    const found = findUpgradeProblems(renamed(recorded, nameOf), renamed(change(recorded), nameOf), renamedRun, 'none');
    expect(found.map(textOf)).toEqual(problems.map(renamedText));
  });
});

describe('where the run resumes', () => {
  const handled = withNode('meet', { onError: 'rescue' });

  it.each<[string, UpgradedRun, readonly string[]]>([
    ['a frontier that does not lead there', { frontier: [{ node: 'early' }] }, []],
    ['a frontier that leads there', { frontier: [{ node: 'early' }, { node: 'left' }] }, ['changed node: meet']],
    ['a join that waits and leads there', { frontier: [], joins: { '1': { write: 1 } } }, ['changed node: meet']],
    ['a join that waits and leads elsewhere', { frontier: [], joins: { '0': { left: 1 } } }, []],
    ['nowhere', { frontier: [] }, []],
  ])('decides what it can reach: %s', (_where, where, problems) => {
    expect(findUpgradeProblems(recorded, handled(recorded), where, 'none').map(textOf)).toEqual(problems);
  });

  it('decides which joins have to keep their places', () => {
    const moved = withFirstEdge(join(['begin'], 'aside'))(recorded);
    const problems = (joins: UpgradedRun['joins']): readonly string[] =>
      findUpgradeProblems(recorded, moved, { frontier: [{ node: 'ask' }], joins }, 'none').map(textOf);
    expect(problems(undefined)).toEqual([]);
    expect(problems({ '0': { left: 1 }, '1': { left: 1 } })).toEqual([
      'moved: begin, left, early',
      'moved: left, write, meet',
    ]);
  });

  it('tells joins between the same nodes apart', () => {
    const twins = withEdge(join(['left', 'write'], 'meet'))(recorded);
    const joins = { '1': { left: 1 }, '2': { left: 1 } };
    expect(findUpgradeProblems(twins, twins, { frontier: [], joins }, 'none')).toEqual([]);
    const moved = withoutEdge(2)(twins);
    expect(findUpgradeProblems(twins, moved, { frontier: [], joins }, 'none')).toMatchObject([
      { kind: 'join', join: { names: ['left', 'write', 'meet'], ordinal: 1 } },
    ]);
  });
});

describe('behind a fan-out by `send`', () => {
  // `split` sends to `pack`; the code alone says so. `excuse` takes the failures of `approve`.
  const fan: GraphDescription = {
    name: 'fan',
    state: { kind: 'fields', fields: {} },
    nodes: [
      node('approve', { onError: 'excuse' }),
      node('split'),
      node('pack', { takesInput: true }),
      node('ship'),
      node('bill'),
      node('excuse', { takesInput: true }),
      node('inside', { subgraph: inner }),
    ],
    edges: [edge('approve', 'split'), edge('pack', 'ship'), edge('ship', 'bill'), edge('excuse', 'bill')],
    start: 'approve',
  };
  const at = (name: string): UpgradedRun => ({ frontier: [{ node: name }] });
  const problems = (where: string, change: Change): readonly string[] =>
    findUpgradeProblems(fan, change(fan), at(where), 'none').map(textOf);

  it.each(['approve', 'split', 'pack', 'ship', 'bill'])(
    'what follows is ahead of a run at %s, which may send',
    (where) => {
      expect(problems(where, withNode('pack', { onError: 'excuse' }))).toEqual(['changed node: pack']);
      expect(problems(where, withoutEdge(1))).toEqual(['removed edge: pack, ship']);
      expect(problems(where, withoutEdge(2))).toEqual(['removed edge: ship, bill']);
    },
  );

  it('nothing is sent by a subgraph, and a handler follows on what it handles alone', () => {
    expect(problems('inside', withoutEdge(1))).toEqual([]);
    expect(problems('approve', withoutEdge(3))).toEqual(['removed edge: excuse, bill']);
    expect(problems('split', withoutEdge(3))).toEqual([]);
  });

  it('a node more that takes an input stops no run', () => {
    const more: Change = (graph) => ({ ...graph, nodes: [...graph.nodes, node('more', { takesInput: true })] });
    expect(problems('approve', more)).toEqual([]);
  });
});

describe('the state', () => {
  const asFunction: Change = (graph) => ({ ...graph, state: { kind: 'function', initial: 0 } });

  it.each<[string, Change, readonly string[]]>([
    ['a field more with an initial value', withFields({ more: optional }), []],
    ['a field more without an initial value', withFields({ more: required }), ['added field: more']],
    ['a field fewer', withFields({ text: undefined }), []],
    ['a field of another kind', withFields({ text: { ...optional, kind: 'append' } }), ['changed field: text']],
    ['another initial value', withFields({ text: { ...optional, initial: 'x' } }), ['changed field: text']],
    [
      'a field that gains an initial value and another kind',
      withFields({ given: { kind: 'append', required: false, initial: [] } }),
      ['changed field: given'],
    ],
    [
      'a choice between conflicting writes',
      withFields({ text: { ...optional, onConflict: 'custom' } }),
      ['changed field: text'],
    ],
    ['a field named like a path', withFields({ 'a["b"] + c → d': required }), ['added field: a["b"] + c → d']],
    ['a function in place of fields', asFunction, ['added state']],
  ])('with %s needs a `migrate` only where there are problems', (_what, change, problems) => {
    const current = change(recorded);
    expect(findUpgradeProblems(recorded, current, run, 'none').map(textOf)).toEqual(problems);
    expect(findUpgradeProblems(recorded, current, run, 'given')).toEqual([]);
  });

  it('of one function has to stay one', () => {
    const before = asFunction(recorded);
    const other: Change = (graph) => ({ ...graph, state: { kind: 'function', initial: 1 } });
    expect(findUpgradeProblems(before, before, run, 'none')).toEqual([]);
    expect(findUpgradeProblems(before, other(before), run, 'none').map(textOf)).toEqual(['changed state']);
    const withOptional = withFields({ text: optional })({ ...recorded, state: { kind: 'fields', fields: {} } });
    expect(findUpgradeProblems(before, withOptional, run, 'none').map(textOf)).toEqual(['removed state']);
    expect(findUpgradeProblems(before, withOptional, run, 'given')).toEqual([]);
  });

  it('of a reachable subgraph cannot be migrated', () => {
    const changed = withInner('write', withFields({ text: required }))(recorded);
    expect(findUpgradeProblems(recorded, changed, run, 'given').map(textOf)).toEqual(['write: changed field: text']);
  });
});
