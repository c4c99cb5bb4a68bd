import { expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore, sum } from '../../../../src/index.ts';
import type { ResumeOptions } from '../../../../src/index.ts';
import { keptStore } from '../../../support/changed-store.ts';

interface ForkCase {
  readonly name?: string;
  readonly resume?: ResumeOptions;
}

it('gives a run back that is being begun when its engine closes, and runs none of its nodes', async () => {
  const store = memoryStore();
  const created = Promise.withResolvers<void>();
  const slow = keptStore(store, {
    create: (async (...given: Parameters<typeof store.create>) => {
      await created.promise;
      return store.create(...given);
    }) as typeof store.create,
  });
  let isRun = false;
  const once = graph('once', { state: fields({}) })
    .node('run', () => {
      isRun = true;
    })
    .start('run')
    .build();
  const engine = createEngine(once, { store: slow });
  const begun = expect(engine.run({}, { runId: 'run' })).rejects.toMatchObject({ code: 'engine-closed' });
  const closed = engine.close();
  created.resolve();
  await Promise.all([begun, closed]);
  expect([isRun, (await store.find('run'))?.status]).toEqual([false, 'interrupted']);
});

it.each<[string, ForkCase]>([
  ['of another graph', { name: 'another' }],
  ['with an answer to no question', { resume: { answer: true } }],
])('writes nothing of a fork %s', async (_name, { name = 'counter', resume = {} }) => {
  const counter = (graphName: string) =>
    graph(graphName, { state: fields({ count: sum() }) })
      .node('increase', () => ({ delta: { count: 1 } }))
      .edge('increase', 'increase', { when: ({ count }) => count < 3 })
      .start('increase')
      .build();
  const store = memoryStore();
  const first = createEngine(counter('counter'), { store: keptStore(store) });
  await first.run({}, { runId: 'run' }).orThrow();
  await first.close();
  const engine = createEngine(counter(name), { store: keptStore(store) });
  await expect(engine.fork('run', { step: 1, runId: 'fork' }, resume)).rejects.toMatchObject({
    code: name === 'counter' ? 'question-unknown' : 'run-not-resumable',
  });
  await engine.close();
  expect(await store.find('fork')).toBeUndefined();
});
