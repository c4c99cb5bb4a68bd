// What becomes of a run when a write of it fails: the engine that lives on must not keep it from everybody.
import { describe, expect, it } from 'vitest';
import { RepriseError, createEngine, fields, graph, sum } from '../../../../src/index.ts';
import { failingStore } from '../../../support/failing-store.ts';
import type { Refusable } from '../../../support/failing-store.ts';
import { ManualClock, settled } from '../../../support/manual-clock.ts';
import { testEngine } from '../../../support/test-engine.ts';

const leaseMs = 3_000;

/** Each step waits until it is told to end. */
function stepper() {
  const waits: (() => void)[] = [];
  const built = graph('stepper', { state: fields({ n: sum() }) })
    .node('step', async (_state, { signal }) => {
      await new Promise<void>((resolve, reject) => {
        waits.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      return { delta: { n: 1 } };
    })
    .edge('step', 'step', { when: ({ n }) => n < 3 })
    .start('step')
    .build();
  const next = async (): Promise<void> => {
    await settled();
    waits.shift()?.();
    await settled();
  };
  return { built, next };
}

/** A run whose write has failed, in an engine that drives another run meanwhile, so that its lease is renewed. */
async function withFailedRun(also: readonly Refusable[] = [], code = 'store-locked') {
  const clock = new ManualClock(1_000_000);
  const { store, refused } = failingStore(() => clock.now());
  const { built, next } = stepper();
  let owners = 0;
  const engineOf = () => testEngine(built, { store, clock, id: () => `owner ${owners++}` }, { leaseMs });
  const engine = engineOf();
  const failing = engine.run({}, { runId: 'victim' });
  const failed = expect(failing).rejects.toMatchObject({ code });
  await settled();
  for (const write of ['append', ...also] as const) refused.set(write, code);
  await next();
  await failed;
  refused.delete('append');
  const other = engine.run({}, { runId: 'other' });
  await settled();
  return { store, refused, clock, engine, other: { next, result: other }, engineOf, next };
}

describe.each(['store-locked', 'store-full', 'store-read-only'])('a run whose write failed with %s', (code) => {
  it('is free at once', async () => {
    const { store } = await withFailedRun([], code);
    expect(await store.find('victim')).toMatchObject({ status: 'interrupted', step: 0 });
    expect(await store.due('stepper', 9)).toMatchObject([{ runId: 'victim' }]);
  });

  it('is released as soon as the store can be written again', async () => {
    const { store, refused, clock } = await withFailedRun(['release'], code);
    expect(await store.find('victim')).toMatchObject({ status: 'running' });
    refused.delete('release');
    await clock.advance(1_000);
    expect(await store.find('victim')).toMatchObject({ status: 'interrupted' });
  });
});

describe('a run whose write failed', () => {
  it('is no longer renewed while it cannot be released either', async () => {
    const { store, clock, engineOf } = await withFailedRun(['release']);
    for (let second = 0; second < 4; second += 1) await clock.advance(1_000);
    expect(await store.due('stepper', 9)).toMatchObject([{ runId: 'victim' }, { runId: 'other' }]);
    const another = engineOf();
    const resumed = another.resume('victim');
    await settled();
    expect(await another.cancel('victim', 'seen')).toBe(true);
    expect(await resumed).toMatchObject({ status: 'cancelled' });
  });

  it('does not keep the lease from being renewed where its write can never succeed', async () => {
    const { store, clock } = await withFailedRun(['release'], 'store-unreadable');
    for (let second = 0; second < 9; second += 1) await clock.advance(1_000);
    expect(await store.due('stepper', 9)).toEqual([]);
  });

  it('is cancelled by its own engine', async () => {
    const { store, engine } = await withFailedRun();
    expect(await engine.cancel('victim', 'enough')).toBe(true);
    expect(await store.find('victim')).toMatchObject({ status: 'cancelled' });
  });

  it('is cancelled by another engine, also before it could be released', async () => {
    const { store, refused, clock, engineOf } = await withFailedRun(['release']);
    expect(await engineOf().cancel('victim', 'enough')).toBe(true);
    refused.delete('release');
    await clock.advance(1_000);
    await settled();
    expect(await store.find('victim')).toMatchObject({ status: 'cancelled' });
  });

  it('is resumed by its own engine', async () => {
    const { store, refused, engine, next } = await withFailedRun(['take']);
    await expect(engine.resume('victim')).rejects.toMatchObject({ code: 'store-locked' });
    refused.delete('take');
    const resumed = engine.resume('victim');
    await settled();
    // The steps of the other run come between.
    for (let step = 0; step < 6; step += 1) await next();
    expect(await resumed).toMatchObject({ status: 'done', state: { n: 3 } });
    expect(await store.find('victim')).toMatchObject({ status: 'done' });
  });

  it('is released when the engine is closed, if not before', async () => {
    const { store, refused, engine } = await withFailedRun(['release']);
    refused.delete('release');
    await engine.close();
    expect(await store.find('victim')).toMatchObject({ status: 'interrupted' });
    expect(await store.find('other')).toMatchObject({ status: 'interrupted' });
  });
});

it('a worker tries again after the store has failed, and reports that once', async () => {
  const { store, refused } = failingStore(Date.now);
  const quick = graph('quick', { state: fields({ n: sum() }) })
    .node('add', () => ({ delta: { n: 1 } }))
    .start('add')
    .build();
  const first = createEngine(quick, { store });
  refused.set('append', 'store-locked');
  await expect(first.run({}, { runId: 'run' })).rejects.toMatchObject({ code: 'store-locked' });
  const told: string[] = [];
  const engine = createEngine(quick, { store });
  const done = new Promise<void>((resolve) => {
    engine.work({
      pollMs: 1,
      onError: (error, runId) => {
        told.push(`${runId}: ${(error as { readonly code: string }).code}`);
        // After several more tries.
        setTimeout(() => refused.clear(), 20);
      },
      onRun: ({ id, status }) => {
        told.push(`${id}: ${status}`);
        resolve();
      },
    });
  });
  await done;
  expect(told).toEqual(['run: store-locked', 'run: done']);
  await engine.close();
  await first.close();
});

it('a run that waits for a message stops where its store has forgotten some', async () => {
  const clock = new ManualClock(1_000_000);
  const { store } = failingStore(() => clock.now());
  const waiting = graph('waiting', { state: fields({ n: sum() }) })
    .node('wait', async (_state, { receive }) => ({ delta: { n: Number(await receive('go')) } }))
    .node('work', async (_state, { signal }) => {
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    })
    .node('begin', () => undefined)
    .edge('begin', 'wait')
    .edge('begin', 'work')
    .start('begin')
    .build();
  const inbox = store.inbox.bind(store);
  let isBack = false;
  store.inbox = (runId, after = 0) => {
    if (isBack && after > 0)
      throw new RepriseError('store-went-back', 'it holds fewer messages', { nextStep: 'See why.' });
    return inbox(runId, after);
  };
  const engine = testEngine(waiting, { store, clock }, {});
  const running = engine.run({}, { runId: 'run-1' });
  const failed = expect(running).rejects.toMatchObject({ code: 'store-went-back' });
  await settled();
  await engine.send('run-1', 'other', 1);
  await settled();
  isBack = true;
  await clock.advance(1_000);
  await failed;
  expect(await store.find('run-1')).toMatchObject({ status: 'interrupted' });
  await engine.close();
});
