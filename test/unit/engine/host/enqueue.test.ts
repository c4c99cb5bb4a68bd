import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../../../src/index.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { testEngine } from '../../../support/test-engine.ts';

const greet = graph('greet', { state: fields({ name: last<string>(), text: last('') }) })
  .node('greet', ({ name }) => ({ delta: { text: `Hello ${name}` } }))
  .start('greet')
  .build();

function place(clock = new ManualClock(1_000)) {
  const store = memoryStore({ now: () => clock.now() });
  const engine = testEngine(greet, { store: keptStore(store), clock });
  return { store, clock, engine };
}

describe('a queued run', () => {
  it('is stored when the call returns, and nothing of it has run', async () => {
    const { store, engine } = place();
    expect(await engine.enqueue({ name: 'Ada' }, { runId: 'later', at: 5_000 })).toBe('later');
    await engine.close();
    expect(await store.find('later')).toMatchObject({ status: 'queued', wakeAt: 5_000, step: 0, entryCount: 2 });
  });

  it('is taken up by a worker when it is due, and not before', async () => {
    const { clock, engine } = place();
    await engine.enqueue({ name: 'Ada' }, { at: new Date(1_500) });
    await clock.advance(499);
    expect(await engine.resumeDue(9, new Set())).toEqual([]);
    await clock.advance(1);
    const [due] = await engine.resumeDue(9, new Set());
    expect(await due?.result).toMatchObject({ status: 'done', state: { text: 'Hello Ada' } });
    await engine.close();
  });

  it.each([undefined, 0, 900])('is due at once at %s', async (at) => {
    const { store, engine } = place();
    await engine.enqueue({ name: 'Ada' }, at === undefined ? {} : { at });
    expect((await store.find('run'))?.wakeAt).toBeUndefined();
    expect(await store.due('greet', 9)).toMatchObject([{ runId: 'run' }]);
    await engine.close();
  });

  it('can be resumed before its time, and cancelled', async () => {
    const { engine } = place();
    await engine.enqueue({ name: 'Ada' }, { runId: 'now', at: 9_000 });
    await engine.enqueue({ name: 'Ada' }, { runId: 'never', at: 9_000 });
    expect(await engine.resume('now')).toMatchObject({ status: 'done' });
    expect(await engine.cancel('never', 'no')).toBe(true);
    expect(await engine.resume('never').catch(({ code }) => code)).toBe('run-not-resumable');
    await engine.close();
  });

  it('keeps its terms, and its time limit counts from when it is due', async () => {
    const { store, engine } = place();
    const options = { at: 5_000, timeoutMs: 100, labels: { for: 'acme' }, pauseAfter: ['greet'], seed: 's' };
    await engine.enqueue({ name: 'Ada' }, options);
    for await (const entry of store.read('run', 0, 1)) {
      expect(entry).toMatchObject({
        seed: 's',
        observed: {
          terms: { deadline: { at: 5_100, timeoutMs: 100 }, labels: { for: 'acme' }, pauseAfter: ['greet'] },
        },
      });
    }
    await engine.close();
  });

  it('is read by readers as it comes', async () => {
    await using engine = createEngine(greet);
    const runId = await engine.enqueue({ name: 'Ada' });
    const kinds: string[] = [];
    const read = (async () => {
      for await (const { kind } of engine.read(runId)) kinds.push(kind);
    })();
    const worker = engine.work({ pollMs: 1 });
    await read;
    await worker.stop();
    expect(kinds.at(-1)).toBe('done');
  });
});

it('refuses what `run` refuses', async () => {
  const { store, engine } = place();
  for (const [input, options, code] of [
    [{}, {}, 'input-invalid'],
    [{ name: 'Ada' }, { pauseBefore: ['none'] }, 'option-invalid'],
    [{ name: 'Ada' }, { at: Number.NaN }, 'option-invalid'],
    [{ name: 'Ada' }, { at: new Date(Number.NaN) }, 'option-invalid'],
  ] as const)
    await expect(engine.enqueue(input, options)).rejects.toMatchObject({ code });
  await engine.enqueue({ name: 'Ada' }, {});
  await expect(engine.enqueue({ name: 'Ada' }, {})).rejects.toMatchObject({ code: 'run-exists' });
  expect(await engine.enqueue({ name: 'Ada' }, { onExisting: 'attach' })).toBe('run');
  expect(await store.list({})).toHaveLength(1);
  await engine.close();
  await expect(engine.enqueue({ name: 'Ada' }, {})).rejects.toMatchObject({ code: 'engine-closed' });
});

it('a run that a worker cannot resume stays in the queue, and its worker says why once', async () => {
  const clock = new ManualClock(1_000);
  const store = memoryStore({ now: () => clock.now() });
  const other = graph('greet', { state: fields({ name: last<string>(), text: last(''), more: last(0) }) })
    .node('greet', () => ({ delta: { text: 'Hello' } }))
    .node('ask', () => ({ delta: { text: 'Who?' } }))
    .edge('ask', 'greet')
    .start('ask')
    .build();
  const before = testEngine(other, { store: keptStore(store), clock });
  await before.enqueue({ name: 'Ada' }, { runId: 'old' });
  await before.close();
  const engine = testEngine(greet, { store: keptStore(store), clock });
  const [due] = await engine.resumeDue(9, new Set());
  await expect(due?.result).rejects.toMatchObject({ code: 'run-not-resumable' });
  expect(await store.find('old')).toMatchObject({ status: 'queued' });
  expect(await engine.resumeDue(9, new Set(['old']))).toEqual([]);
  await engine.close();
});
