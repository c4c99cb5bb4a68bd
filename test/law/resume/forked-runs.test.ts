import { expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, sum } from '../../../src/index.ts';
import { keptStore } from '../../support/changed-store.ts';

const counter = graph('counter', { state: fields({ count: sum(), old: last('') }) })
  .node('increase', () => ({ delta: { count: 1 } }))
  .edge('increase', 'increase', { when: ({ count }) => count < 3 })
  .start('increase')
  .build();

it('leaves no run where its options are wrong', async () => {
  const store = memoryStore();
  await using engine = createEngine(counter, { store });
  await engine.run({}, { runId: 'run' });
  for (const options of [{ bogus: 1 }, { pauseBefore: ['none'] }])
    await expect(engine.fork('run', { step: 1, runId: 'fork' }, options as never)).rejects.toMatchObject({
      code: 'option-invalid',
    });
  expect(await store.find('fork')).toBeUndefined();
});

it('leaves nothing behind where an answer has no question', async () => {
  const store = memoryStore();
  await using engine = createEngine(counter, { store });
  await engine.run({}, { runId: 'run' });
  await expect(engine.fork('run', { step: 1, runId: 'fork' }, { answer: 1 })).rejects.toMatchObject({
    code: 'question-unknown',
  });
  expect(await store.find('fork')).toBeUndefined();
});

it('takes a patch of any field of the graph, whatever else the state holds', async () => {
  const store = keptStore(memoryStore());
  const first = createEngine(counter, { store });
  await first.run({}, { runId: 'run', pauseAfter: ['increase'] });
  await first.close();
  const without = graph('counter', { state: fields({ count: sum() }) })
    .node('increase', () => ({ delta: { count: 1 } }))
    .edge('increase', 'increase', { when: ({ count }) => count < 5 })
    .start('increase')
    .build();
  await using second = createEngine(without, { store });
  await second.resume('run', { force: true }).orThrow();
  expect((await second.fork('run', { step: 2, patch: { count: 4 } }).orThrow()).count).toBe(5);
  await expect(second.fork('run', { step: 2, patch: { old: 'x' } as never })).rejects.toMatchObject({
    code: 'input-invalid',
  });
});

it('shows its patch in the state of its step, and hands it to further forks', async () => {
  const store = memoryStore();
  await using engine = createEngine(counter, { store });
  await engine.run({}, { runId: 'run' });
  await engine.fork('run', { step: 1, runId: 'once', patch: { old: 'patched' } }).orThrow();
  expect(await engine.stateAt('once', 1)).toEqual({ count: 1, old: 'patched' });
  expect((await engine.fork('once', { step: 1, runId: 'twice' }).orThrow()).old).toBe('patched');
  expect((await engine.stateAt('run', 1)).old).toBe('');
});

it.each([-1, 99, 0.5])('refuses step %s, which the run does not have', async (step) => {
  await using engine = createEngine(counter);
  await engine.run({}, { runId: 'run' });
  await expect(engine.stateAt('run', step)).rejects.toMatchObject({ code: 'step-unknown' });
  await expect(engine.fork('run', { step })).rejects.toMatchObject({ code: 'step-unknown' });
});
