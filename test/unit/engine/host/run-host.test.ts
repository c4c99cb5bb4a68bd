import { expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore } from '../../../../src/index.ts';
import { keptStore } from '../../../support/changed-store.ts';

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
