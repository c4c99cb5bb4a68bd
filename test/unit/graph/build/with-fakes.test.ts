// `graph.with`: other functions in the place of nodes, checked like the nodes themselves.
import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, last } from '../../../../src/index.ts';

const desk = graph('desk', {
  state: fields({ topics: last<readonly string[]>(), found: append<string>() }),
  inputs: { search: input<{ topic: string }>() },
})
  .node('plan', (state, { send }) => ({ route: state.topics.map((topic) => send('search', { topic })) }))
  .node('search', async (_state, { input: { topic } }) => ({ delta: { found: [`real ${topic}`] } }), {
    retry: { attempts: 2 },
  })
  .start('plan')
  .build();

async function found(of: typeof desk): Promise<readonly string[]> {
  const engine = createEngine(of);
  const state = await engine.run({ topics: ['a', 'b'] }).orThrow();
  await engine.close();
  return state.found;
}

it('runs the fake in the place of the node, with its input and its policy, and leaves the graph as it was', async () => {
  let calls = 0;
  const faked = desk.with({
    search: (_state, { input: { topic }, attempt }) => {
      calls += 1;
      if (attempt === 1) throw new Error('again');
      return { delta: { found: [`fake ${topic}`] } };
    },
  });
  expect(await found(faked)).toEqual(['fake a', 'fake b']);
  expect(calls).toBe(4);
  expect(await found(desk)).toEqual(['real a', 'real b']);
  expect(faked.spec.fingerprint).toBe(desk.spec.fingerprint);
  expect(await found(faked.with({ plan: () => ({}) }))).toEqual([]);
});

it('routes from a fake, and streams from one', async () => {
  const routed = desk.with({
    plan: (_state, { send }) => ({ route: send('search', { topic: 'only' }) }),
    async *search(_state, { input: { topic } }) {
      yield { found: [topic] };
      yield { found: ['end'] };
    },
  });
  expect(await found(routed)).toEqual(['only', 'end']);
});

it('refuses what is no node, no function, or does not fit', () => {
  // @ts-expect-error No such node.
  expect(() => desk.with({ serch: () => ({}) })).toThrow(/"serch" of graph "desk" is not a node of it/);
  // @ts-expect-error Not a function.
  expect(() => desk.with({ search: 1 })).toThrow(/search/);
  // @ts-expect-error The delta holds numbers.
  desk.with({ search: () => ({ delta: { found: [1] } }) });
  // @ts-expect-error The input is a topic.
  desk.with({ search: (_state, { input: { place } }) => ({ delta: { found: [place] } }) });
  const outer = graph('outer', { state: fields({}) })
    .subgraph('inner', desk, { input: () => ({ topics: [] }), output: () => ({}) })
    .start('inner')
    .build();
  expect(() => outer.with({ inner: () => ({}) })).toThrow(/is an inner graph/);
});
