import { expect, it } from 'vitest';
import { append, createEngine, fields, graph, last, memoryStore, sum } from '../../../src/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { keptStore } from '../../support/changed-store.ts';
import { sharedFolder } from '../../support/folder.ts';

const folder = sharedFolder();

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
  await second.resume('run', { force: true, pauseAfter: [] }).orThrow();
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

const dice = graph('dice', { state: fields({ throws: append<number>() }) })
  .node('throw', (_state, { random }) => ({ delta: { throws: [random()] } }))
  .edge('throw', 'throw', { when: ({ throws }) => throws.length < 4 })
  .start('throw')
  .build();

it('draws from another seed after its commit, also where it is resumed, forked again and replayed', async () => {
  const store = memoryStore();
  await using engine = createEngine(dice, { store });
  const { throws } = await engine.run({}, { runId: 'run', seed: 'one' }).orThrow();
  const fork = (seed: string, runId: string) => engine.fork('run', { step: 2, runId, seed });
  const other = await fork('two', 'fork').orThrow();
  expect(other.throws.slice(0, 2)).toEqual(throws.slice(0, 2));
  expect(other.throws.slice(2)).not.toEqual(throws.slice(2));
  expect((await fork('two', 'again').orThrow()).throws).toEqual(other.throws);
  expect((await fork('one', 'same').orThrow()).throws).toEqual(throws);
  expect((await engine.fork('fork', { step: 3 }).orThrow()).throws).toEqual(other.throws);
  const paused = await engine.fork('run', { step: 2, runId: 'paused', seed: 'two' }, { pauseBefore: ['throw'] });
  expect([paused.status, (await engine.resume('paused').orThrow()).throws]).toEqual(['paused', other.throws]);
  const path = await exportRunTo(store, 'fork', `${folder}/`);
  const { report, run } = await replay(dice, path);
  expect([report.verdict, run.state]).toEqual(['same', other]);
});

it('takes over labels and breakpoints, and neither a time limit nor what was passed', async () => {
  const store = memoryStore();
  await using engine = createEngine(counter, { store });
  const terms = { labels: { for: 'acme' }, pauseAfter: ['increase'], timeoutMs: 60_000 };
  await engine.run({}, { runId: 'run', ...terms });
  await engine.resume('run');
  await engine.label('run', 1, 'first');
  await engine.label('run', 2, 'second');
  expect(await engine.fork('run', { step: 1, runId: 'fork' })).toMatchObject({ status: 'paused', steps: 2 });
  expect(await engine.history('fork')).toMatchObject([{ labels: [] }, { labels: ['first'] }, { labels: [] }]);
  const own = { labels: { of: 'fork' }, pauseAfter: [], timeoutMs: 50_000 };
  expect(await engine.fork('run', { step: 2, runId: 'own' }, own)).toMatchObject({ status: 'done' });
  const termsIn = async (runId: string): Promise<unknown> => {
    for await (const entry of store.read(runId, 0, 1)) if (entry.kind === 'run') return entry.observed.terms;
    return undefined;
  };
  expect(await termsIn('fork')).toEqual({ labels: { for: 'acme' }, pauseAfter: ['increase'] });
  expect(await termsIn('own')).toMatchObject({
    labels: { of: 'fork' },
    pauseAfter: [],
    deadline: { timeoutMs: 50_000 },
  });
});
