import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, memoryStore } from '../../../../src/index.ts';
import { aborted } from '../../../support/aborted.ts';
import { changedStore } from '../../../support/changed-store.ts';

const waiting = graph('waiting', { state: fields({}) })
  .node('wait', (_state, { signal }) => aborted(signal))
  .start('wait')
  .build();

it('cancels a stream whose run has not begun yet', async () => {
  const store = memoryStore();
  const created = Promise.withResolvers<void>();
  const slow = changedStore(store, {
    create: (async (...given: Parameters<typeof store.create>) => {
      await created.promise;
      return store.create(...given);
    }) as typeof store.create,
  });
  await using engine = createEngine(waiting, { store: slow });
  const stream = engine.stream({});
  const cancelled = stream.cancel('enough');
  created.resolve();
  expect(await cancelled).toBe(true);
  expect(await stream.result).toMatchObject({ status: 'cancelled', reason: 'enough' });
});

describe('a run that is not there', () => {
  it('has no result to wait for, and cannot be cancelled', async () => {
    await using engine = createEngine(waiting);
    await expect(engine.read('none').result).rejects.toMatchObject({ code: 'run-unknown' });
    await expect(engine.read('none').cancel()).rejects.toMatchObject({ code: 'run-unknown' });
  });

  it('leaves no rejection unhandled where nobody waits', async () => {
    await using engine = createEngine(waiting);
    void engine.read('none').cancel();
  });
});
