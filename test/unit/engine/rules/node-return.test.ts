import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Value } from '../../../../src/base/value.ts';
import { readNodeReturn } from '../../../../src/engine/rules/node-return.ts';
import type { ReturnSetup } from '../../../../src/engine/rules/node-return.ts';
import type { GraphSpec, NodePolicy } from '../../../../src/graph/spec.ts';
import { append, failure, fields, graph, input, last, reducer, sum } from '../../../../src/index.ts';

const nothing = (): void => undefined;
const state = fields({ count: sum(), findings: append<string>() });
const inputs = {
  dig: input<{ topic: string }>(),
  parsed: z.object({ depth: z.number().default(1) }),
  rescue: failure(),
};

const desk = graph('desk', { state, inputs })
  .node('plan', nothing)
  .node('write', nothing)
  .node('dig', nothing)
  .node('parsed', nothing)
  .node('rescue', nothing)
  .start('plan')
  .build().spec;

/** All that these tests know of what a return is read with. */
function read(
  returned: unknown,
  given: {
    policy?: NodePolicy;
    graph?: GraphSpec;
    state?: Value;
    maxBytes?: number;
    withChunks?: (delta: Value) => Value;
  } = {},
) {
  const setup = {
    limits: { maxBytes: given.maxBytes ?? 1_000_000 },
    node: { name: 'plan', policy: given.policy ?? {} },
    graph: given.graph ?? desk,
    state: given.state ?? { count: 0, findings: [] },
  };
  return readNodeReturn(returned, setup as unknown as ReturnSetup, given.withChunks);
}

const failed = (code: string, facts: object = {}) => ({ status: 'failed', error: { code, fields: facts } });
const goto = (node: unknown) => ({ kind: 'goto', node });
const send = (node: unknown, given?: unknown) => ({ kind: 'send', node, input: given });

describe('a node that returns', () => {
  it.each<[string, unknown, object]>([
    ['nothing', undefined, {}],
    ['an empty object', {}, {}],
    ['parts that are undefined', { delta: undefined, route: undefined }, {}],
    ['a delta', { delta: { count: 1 } }, { delta: { count: 1 } }],
    ['a route', { route: goto('write') }, { routes: [goto('write')] }],
    ['both', { delta: {}, route: [{ kind: 'stop' }] }, { delta: {}, routes: [{ kind: 'stop' }] }],
    ['an object without a prototype', Object.assign(Object.create(null), { delta: {} }), { delta: {} }],
  ])('%s is done', (_what, returned, parts) => {
    expect(read(returned)).toEqual({ status: 'done', ...parts });
  });

  it.each<[string, unknown]>([
    ['a text', 'done'],
    ['null', null],
    ['a list', [{ delta: {} }]],
    ['a date', new Date(0)],
    ['a delta without its key', { count: 1 }],
    ['a misspelt key', { delta: {}, routes: [] }],
    ['an async generator', (async function* () {})()],
  ])('%s has failed for good', (_what, returned) => {
    expect(read(returned)).toMatchObject(failed('node-output-invalid', { node: 'plan' }));
  });
});

describe('a delta', () => {
  it('is kept as a frozen copy', () => {
    const findings = ['a'];
    const result = read({ delta: { findings } });
    findings.push('b');
    expect(result).toEqual({ status: 'done', delta: { findings: ['a'] } });
    expect(result.status === 'done' && Object.isFrozen((result.delta as { readonly findings: unknown }).findings)).toBe(
      true,
    );
  });

  it.each<[string, unknown, string]>([
    ['names a field that is not there', { cuont: 1 }, 'node-output-invalid'],
    ['has a value that its field cannot take', { count: 'one' }, 'node-output-invalid'],
    ['holds what no journal can', { findings: [() => 1] }, 'unstorable'],
    ['is too large', { findings: ['x'.repeat(2_000)] }, 'value-too-large'],
  ])('that %s fails the attempt', (_what, delta, code) => {
    expect(read({ delta }, { maxBytes: 1_000 })).toMatchObject(failed(code));
  });

  it('of a state of one function may be anything that a journal can hold', () => {
    const counting = graph('counting', { state: reducer((count: number, by: number) => count + by, 0) })
      .node('plan', nothing)
      .start('plan')
      .build().spec;
    expect(read({ delta: 3 }, { graph: counting, state: 0 })).toEqual({ status: 'done', delta: 3 });
  });

  it('is put together with the chunks that came before it', () => {
    const withChunks = (delta: Value): Value => ({ findings: ['chunk'], ...(delta as object) });
    expect(read({ delta: { count: 1 } }, { withChunks })).toMatchObject({ delta: { findings: ['chunk'], count: 1 } });
    expect(read(undefined, { withChunks })).toEqual({ status: 'done', delta: { findings: ['chunk'] } });
  });

  it('fails the attempt where the state behind it does not fit its schema', () => {
    const schema = { state: z.object({ count: z.number().max(2) }) };
    const limited = graph('limited', { state: fields({ count: sum(), tone: last('plain') }), schema } as never)
      .node('plan', nothing)
      .start('plan')
      .build().spec as GraphSpec;
    const before = { count: 2, tone: 'plain' };
    expect(read({ delta: { count: 1 } }, { graph: limited, state: before })).toMatchObject(
      failed('node-output-invalid', { node: 'plan' }),
    );
    expect(read({ delta: { tone: 'loud' } }, { graph: limited, state: before })).toMatchObject({ status: 'done' });
  });
});

describe('a route', () => {
  it('may be one or a list, and keeps its order', () => {
    const routes = [send('dig', { topic: 'a' }), goto('write'), send('dig', { topic: 'b' })];
    expect(read({ route: routes })).toMatchObject({ routes });
    expect(read({ route: { kind: 'stop' } })).toMatchObject({ routes: [{ kind: 'stop' }] });
  });

  it('carries its input as the schema of the target completes it', () => {
    expect(read({ route: send('parsed', {}) })).toMatchObject({ routes: [send('parsed', { depth: 1 })] });
    expect(read({ route: send('parsed', { depth: 'deep' }) })).toMatchObject(
      failed('input-invalid', { node: 'parsed', path: 'depth' }),
    );
  });

  it('that is an empty list is no route where the node says so', () => {
    const policy = { emptyRoute: 'edges' } as const;
    expect(read({ delta: { count: 1 }, route: [] }, { policy })).toEqual({ status: 'done', delta: { count: 1 } });
    expect(read({ route: [goto('write')] }, { policy })).toMatchObject({ routes: [goto('write')] });
    expect(read({ route: null }, { policy })).toMatchObject(failed('route-invalid'));
  });

  it('carries a frozen copy of its input', () => {
    const given = { topic: 'a' };
    const result = read({ route: send('dig', given) });
    given.topic = 'b';
    expect(result).toMatchObject({ routes: [{ input: { topic: 'a' } }] });
  });

  it.each<[string, unknown, string]>([
    ['is an empty list', [], 'empty-route'],
    ['is a name', 'write', 'route-invalid'],
    ['is null', null, 'route-invalid'],
    ['has a kind that there is not', { kind: 'jump', node: 'write' }, 'route-invalid'],
    ['names no node', goto(undefined), 'route-invalid'],
    ['names a node that is not there', goto('wirte'), 'route-invalid'],
    ['goes without input to a node that needs one', goto('dig'), 'route-invalid'],
    ['sends to a node that takes no input', send('write', 1), 'route-invalid'],
    ['sends what no journal can hold', send('dig', { topic: () => 1 }), 'unstorable'],
  ])('that %s fails the attempt', (_what, route, code) => {
    expect(read({ route })).toMatchObject(failed(code));
  });
});
