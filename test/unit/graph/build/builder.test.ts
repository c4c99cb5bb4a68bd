import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { graph } from '../../../../src/graph/build/builder.ts';
import { append, last, sum } from '../../../../src/graph/field.ts';
import { failure, input } from '../../../../src/graph/input.ts';
import { fields, reducer } from '../../../../src/graph/state.ts';
import { thrownBy } from '../../../support/thrown.ts';

/** The builder as code without types sees it. */
interface Loose {
  node(...given: unknown[]): Loose;
  subgraph(...given: unknown[]): Loose;
  edge(...given: unknown[]): Loose;
  join(...given: unknown[]): Loose;
  start(...given: unknown[]): Loose;
  define(...given: unknown[]): unknown;
  build(): unknown;
}
const nothing = () => {};
const state = fields({ question: last<string>(), found: append<string>(), tokens: sum() });
const loose = (options: object = {}, name = 'desk'): Loose =>
  graph(name, { state, ...options } as never) as unknown as Loose;
const child = graph('child', { state }).node('only', nothing).start('only').build();
const mapping = { input: () => ({ question: 'x' }), output: () => ({}) };

describe('a built graph', () => {
  const desk = graph('desk', { state, inputs: { dig: input<string>(), rescue: failure() }, version: '3' })
    .node('plan', nothing, { retry: { attempts: 2, delayMs: 5 }, timeoutMs: 100, onError: 'rescue' })
    .node('dig', nothing, { maxConcurrent: 3 })
    .node('write', nothing)
    .node('rescue', nothing)
    .subgraph('inner', child, mapping)
    .edge('plan', 'write', { when: () => true, label: 'enough' })
    .join(['plan', 'dig'], 'write')
    .edge('dig', 'inner')
    .start('plan')
    .build();

  it('is described by data alone', () => {
    expect(desk.spec.description).toEqual({
      name: 'desk',
      version: '3',
      state: {
        kind: 'fields',
        fields: {
          question: { kind: 'last', required: true },
          found: { kind: 'append', required: false, initial: [] },
          tokens: { kind: 'sum', required: false, initial: 0 },
        },
      },
      nodes: [
        { name: 'plan', takesInput: false, attempts: 2, timeoutMs: 100, onError: 'rescue' },
        { name: 'dig', takesInput: true, maxConcurrent: 3 },
        { name: 'write', takesInput: false },
        { name: 'rescue', takesInput: true },
        { name: 'inner', takesInput: false, subgraph: child.spec.description },
      ],
      edges: [
        { kind: 'edge', from: 'plan', to: 'write', conditional: true, label: 'enough' },
        { kind: 'join', from: ['plan', 'dig'], to: 'write' },
        { kind: 'edge', from: 'dig', to: 'inner', conditional: false },
      ],
      start: 'plan',
    });
  });

  it('has targets in declared order, joins in their place', () => {
    expect(desk.spec.targets.get('plan')).toMatchObject([
      { kind: 'edge', to: 'write' },
      { kind: 'join', join: 0 },
    ]);
    expect(desk.spec.targets.get('dig')).toMatchObject([
      { kind: 'join', join: 0 },
      { kind: 'edge', to: 'inner' },
    ]);
    expect(desk.spec.joins).toEqual([{ from: ['plan', 'dig'], to: 'write' }]);
    expect(desk.nodeNames).toEqual(['plan', 'dig', 'write', 'rescue', 'inner']);
  });

  it('is frozen', () => {
    expect(Object.isFrozen(desk)).toBe(true);
    expect(Object.isFrozen(desk.spec)).toBe(true);
    expect(Object.isFrozen(desk.spec.description.nodes)).toBe(true);
  });

  it('has a fingerprint of its description, not of its code', () => {
    const build = (run: () => void, version?: string, to = 'b') =>
      (
        loose(version === undefined ? {} : { version })
          .node('a', run)
          .node('b', nothing)
          .node('c', nothing)
          .edge('a', to)
          .start('a')
          .build() as typeof desk
      ).spec.fingerprint;
    expect(build(() => {})).toBe(build(nothing));
    expect(build(nothing, '2')).not.toBe(build(nothing));
    expect(build(nothing, undefined, 'c')).not.toBe(build(nothing));
  });
});

describe('the builder', () => {
  it('is immutable: what was built from it does not change it', () => {
    const base = graph('desk', { state }).node('a', nothing);
    const longer = base.node('b', nothing).edge('a', 'b').start('a').build();
    expect(base.start('a').build().nodeNames).toEqual(['a']);
    expect(longer.nodeNames).toEqual(['a', 'b']);
    expect(base.node('b', nothing).start('b').build().nodeNames).toEqual(['a', 'b']);
  });

  it('gives a defined node function back as it is', () => {
    expect(loose().define('a', nothing)).toBe(nothing);
  });

  it.each<[string, (builder: Loose) => Loose, string]>([
    ['no start', (b) => b.node('a', nothing), 'it has no start'],
    ['two starts', (b) => b.node('a', nothing).start('a').start('a'), 'it has 2 starts'],
    [
      'an unknown start',
      (b) => b.node('plan', nothing).start('paln'),
      'it starts at "paln", which is not a node of this graph (did you mean "plan"?)',
    ],
    ['a node twice', (b) => b.node('a', nothing).node('a', nothing).start('a'), '"a" is already a node'],
    [
      'an edge from nowhere',
      (b) => b.node('a', nothing).edge('b', 'a').start('a'),
      'edge "b" -> "a" comes from "b", which is not a node',
    ],
    [
      'an edge to nowhere',
      (b) => b.node('a', nothing).edge('a', 'b').start('a'),
      'edge "a" -> "b" leads to "b", which is not a node',
    ],
    ['a join of none', (b) => b.node('a', nothing).join([], 'a').start('a'), 'join [] -> "a" has no source'],
    ['a join of one twice', (b) => b.node('a', nothing).join(['a', 'a'], 'a').start('a'), 'names "a" twice'],
    [
      'a join from nowhere',
      (b) => b.node('a', nothing).join(['a', 'b'], 'a').start('a'),
      'comes from "b", which is not a node',
    ],
    [
      'an unknown handler',
      (b) => b.node('a', nothing, { onError: 'b' }).start('a'),
      'onError of "a" names "b", which is not a node',
    ],
    [
      'a handler without an input',
      (b) => b.node('a', nothing, { onError: 'a' }).start('a'),
      '"a", which takes no failure',
    ],
    ['an empty name', (b) => b.node('', nothing).start(''), 'the node name "" is empty'],
    ['a name with a slash', (b) => b.node('a/b', nothing).start('a/b'), 'the node name "a/b" contains "/"'],
    ['a name with a control character', (b) => b.node('a\n', nothing).start('a\n'), 'contains "\\n"'],
  ])('refuses %s', (_what, build, message) => {
    const error = thrownBy(() => build(loose()).build());
    expect(error.code).toBe('graph-invalid');
    expect(error.message).toContain(message);
  });

  it.each<[string, (builder: Loose) => Loose]>([
    ['edge', (b) => b.node('a', nothing).edge('a', 'dig').start('a')],
    ['join', (b) => b.node('a', nothing).join(['a'], 'dig').start('a')],
    ['start', (b) => b.start('dig')],
  ])('refuses an %s to a node that needs an input', (_what, build) => {
    const error = thrownBy(() => build(loose({ inputs: { dig: input() } }).node('dig', nothing)).build());
    expect(error.message).toContain('"dig" needs an input, so only send("dig", …) can reach it');
  });

  it('refuses an input for an unknown node, and a handler whose input is not a failure', () => {
    expect(
      thrownBy(() =>
        loose({ inputs: { digg: input() } })
          .node('dig', nothing)
          .start('dig')
          .build(),
      ).message,
    ).toContain('an input is declared for "digg", which is not a node of this graph (did you mean "dig"?)');
    const handled = loose({ inputs: { dig: input() } })
      .node('dig', nothing)
      .node('a', nothing, { onError: 'dig' });
    expect(thrownBy(() => handled.start('a').build()).message).toContain('"dig", which takes no failure');
  });

  it('tells every problem at once', () => {
    const error = thrownBy(() => loose().node('a', nothing).edge('a', 'b').edge('c', 'a').build());
    expect(error.fields.problems).toHaveLength(3);
    expect(error.message).toContain('graph "desk" has 3 problems:\n  - ');
  });
});

describe('an option that is not right is refused when it is given', () => {
  const node = (options: unknown) => () => loose().node('a', nothing, options);
  it.each<[string, () => unknown, string]>([
    ['the name of the graph', () => loose({}, 'a:b'), 'graph: argument "name" is "a:b"'],
    ['an unknown option of the graph', () => loose({ input: {} }), 'graph "desk": unknown option "input"'],
    ['no state', () => loose({ state: {} }), 'graph "desk": option "state" is an object'],
    ['a version', () => loose({ version: 2 }), 'graph "desk": option "version" is 2'],
    ['an input', () => loose({ inputs: { a: {} } }), 'graph "desk": option "inputs.a" is an object'],
    ['a node without a function', () => loose().node('a'), 'node "a": argument "run" is missing'],
    ['an unknown option of a node', node({ timeout: 5 }), 'node "a": unknown option "timeout"'],
    ['options that are a number', node(5), 'node "a": the options are 5'],
    ['a timeout of nothing', node({ timeoutMs: 0 }), 'node "a": option "timeoutMs" is 0'],
    ['a timeout that timers cannot wait', node({ timeoutMs: 2 ** 31 }), 'node "a": option "timeoutMs" is 2147483648'],
    ['a timeout of NaN', node({ timeoutMs: Number.NaN }), 'node "a": option "timeoutMs" is NaN'],
    ['no slot', node({ maxConcurrent: 0 }), 'node "a": option "maxConcurrent" is 0'],
    ['half a slot', node({ maxConcurrent: 1.5 }), 'node "a": option "maxConcurrent" is 1.5'],
    ['a handler', node({ onError: 5 }), 'node "a": option "onError" is 5'],
    ['a retry', node({ retry: 3 }), 'node "a": option "retry" is 3'],
    ['an unknown option of retry', node({ retry: { attempt: 3 } }), 'node "a": unknown option "retry.attempt"'],
    ['no number of attempts', node({ retry: {} }), 'node "a": option "retry.attempts" is missing'],
    ['no attempt', node({ retry: { attempts: 0 } }), 'node "a": option "retry.attempts" is 0'],
    ['a negative delay', node({ retry: { attempts: 1, delayMs: -1 } }), 'node "a": option "retry.delayMs" is -1'],
    [
      'a backoff that shrinks',
      node({ retry: { attempts: 1, backoff: 0.5 } }),
      'node "a": option "retry.backoff" is 0.5',
    ],
    [
      'an endless delay',
      node({ retry: { attempts: 1, maxDelayMs: Number.POSITIVE_INFINITY } }),
      'option "retry.maxDelayMs" is Infinity',
    ],
    ['a jitter above 1', node({ retry: { attempts: 1, jitter: 2 } }), 'node "a": option "retry.jitter" is 2'],
    ['a predicate', node({ retry: { attempts: 1, when: true } }), 'node "a": option "retry.when" is true'],
    ['a predicate of an edge', () => loose().edge('a', 'b', { when: 1 }), 'edge "a" -> "b": option "when" is 1'],
    ['a label', () => loose().edge('a', 'b', { label: 1 }), 'edge "a" -> "b": option "label" is 1'],
    ['an unknown option of an edge', () => loose().edge('a', 'b', { wen: 1 }), 'edge "a" -> "b": unknown option "wen"'],
    ['sources of a join', () => loose().join('a', 'b'), 'join to "b": argument "from" is "a"'],
    [
      'an unbuilt subgraph',
      () => loose().subgraph('a', loose(), mapping),
      'subgraph "a": argument "child" is an object',
    ],
    ['a subgraph without a mapping', () => loose().subgraph('a', child, {}), 'subgraph "a": option "input" is missing'],
    [
      'half a mapping',
      () => loose().subgraph('a', child, { input: nothing }),
      'subgraph "a": option "output" is missing',
    ],
    ['an unknown mapping', () => loose().subgraph('a', child, { ...mapping, outputs: 1 }), 'unknown option "outputs"'],
  ])('%s', (_what, call, message) => {
    const error = thrownBy(call);
    expect(error.code).toBe('option-invalid');
    expect(error.message).toContain(message);
  });

  it.each([
    {},
    { retry: { attempts: 1, delayMs: 0 } },
    { timeoutMs: 0.5 },
    { maxConcurrent: 1 },
    { timeoutMs: undefined, retry: undefined },
  ])('but not one that means no more than the standard: %j', (options) => {
    expect(() => loose().node('a', nothing, options).start('a').build()).not.toThrow();
  });
});

describe('an input with a schema', () => {
  const parserOf = (schema: unknown) => {
    const built = loose({ inputs: { dig: schema } })
      .node('plan', nothing)
      .node('dig', nothing)
      .start('plan')
      .build();
    return (built as typeof child).spec.nodes.get('dig')?.parseInput;
  };
  const topic = z.object({ topic: z.string(), depth: z.number().default(1) });

  it('is checked and completed', () => {
    expect(parserOf(topic)?.({ topic: 'x' })).toEqual({ topic: 'x', depth: 1 });
  });

  it('names what does not fit', () => {
    const error = thrownBy(() => parserOf(z.object({ list: z.array(topic) }))?.({ list: [{ topic: 5 }] } as never));
    expect(error.code).toBe('input-invalid');
    expect(error.message).toContain('the input sent to node "dig" does not fit its schema: list.0.topic: ');
    expect(error.fields).toMatchObject({ node: 'dig', issues: [{ path: 'list.0.topic' }] });
  });

  it('is checked at once, and never by a promise', () => {
    const late = topic.refine(async (given) => given.topic !== 'no');
    expect(thrownBy(() => parserOf(late)?.({ topic: 'yes' }))).toMatchObject({
      code: 'schema-async',
      message: 'the schema of the input sent to node "dig" gave a promise',
    });
  });

  it('is not checked where it was declared for the types alone', () => {
    expect(parserOf(input())).toBeUndefined();
  });
});

describe('a state with one function', () => {
  it('is described by its initial value', () => {
    const built = graph('counter', {
      state: reducer((state: { n: number }, by: number) => ({ n: state.n + by }), { n: 1 }),
    })
      .node('a', nothing)
      .start('a')
      .build();
    expect(built.spec.description.state).toEqual({ kind: 'function', initial: { n: 1 } });
  });
});
