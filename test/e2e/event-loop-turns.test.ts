// None of these runs waits for the outside, and none of them ends by itself: it ends only if a timer gets its turn of the
// event loop.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, input, last, memoryStore, sum } from '../../src/index.ts';
import type { AnyGraph, RunStore } from '../../src/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { sharedFolder } from '../support/folder.ts';

const folder = sharedFolder();
let storeCount = 0;

const stores: Readonly<Record<string, () => RunStore>> = {
  memory: memoryStore,
  SQLite: () => {
    storeCount += 1;
    return sqliteStore(join(folder, `${storeCount}.db`));
  },
};

/** A step after the other. */
const steps = graph('steps', { state: fields({ n: last(0) }) })
  .node('count', async ({ n }) => ({ delta: { n: n + 1 } }))
  .edge('count', 'count')
  .start('count')
  .build();

const innerSteps = graph('inner-steps', { state: fields({ n: last(0) }) })
  .subgraph('inner', steps, { input: () => ({}), output: () => ({}) })
  .start('inner')
  .build();

const effects = graph('effects', { state: fields({ n: last(0) }) })
  .node('ask', async (_state, { effect }) => {
    for (let n = 0; ; n += 1) await effect('square', { n }, async () => n * n);
  })
  .start('ask')
  .build();

const chunks = graph('chunks', { state: fields({ all: append<number>() }) })
  .node('give', async function* () {
    for (let n = 0; ; n += 1) yield { all: [n] };
  })
  .start('give')
  .build();

/** One wide step after the other. */
const tasks = graph('tasks', { state: fields({ n: sum() }), inputs: { one: input<number>() } })
  .node('spread', (_state, { send }) => ({
    route: Array.from({ length: 500 }, (_unused, index) => send('one', index)),
  }))
  .node('one', async () => ({ delta: { n: 1 } }))
  .edge('one', 'spread')
  .start('spread')
  .build();

const graphs: Readonly<Record<string, AnyGraph>> = { steps, innerSteps, effects, chunks, tasks };
const cases = Object.keys(stores).flatMap((store) => Object.keys(graphs).map((name) => ({ store, name })));

describe.each(cases)('$name on $store', ({ store, name }) => {
  const built = graphs[name] as AnyGraph;
  const newStore = stores[store] as () => RunStore;

  it('leave a turn to the timer that cancels them', async () => {
    await using engine = createEngine(built, { store: newStore(), maxSteps: 1_000_000_000 });
    expect((await engine.run({}, { signal: AbortSignal.timeout(50) })).status).toBe('cancelled');
  });

  it('leave a turn to the time limit of their run', async () => {
    await using engine = createEngine(built, { store: newStore(), maxSteps: 1_000_000_000 });
    const run = await engine.run({}, { timeoutMs: 50 });
    expect(run.status === 'failed' && run.error).toMatchObject({ code: 'limit-reached' });
  });
});

it('Two runs that never wait both get their turns', async () => {
  const store = memoryStore();
  await using engine = createEngine(steps, { store, maxSteps: 1_000_000_000 });
  const stop = new AbortController();
  const ids = ['one', 'two'];
  const runs = Promise.all(ids.map((runId) => engine.run({}, { runId, signal: stop.signal })));
  const stepOf = async (runId: string): Promise<number> => (await store.find(runId))?.step ?? 0;
  for (const runId of ids) await expect.poll(() => stepOf(runId)).toBeGreaterThan(1);
  stop.abort();
  for (const run of await runs) expect(run.state.n).toBeGreaterThan(0);
});
