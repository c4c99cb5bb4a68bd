// Workers of two releases over one store: each drives the runs of its own graph.
import { fields, graph, last, memoryStore } from 'reprise';
import { createEngine, liveWorkersOf, strandedRunsOf } from 'reprise';
import type { AnyGraph, Engine } from 'reprise';
import { describe, expect, it, vi } from 'vitest';
import { Presence } from '../../../../../src/engine/host/worker/presence.ts';
import { keptStore } from '../../../../support/changed-store.ts';
import { ManualClock, settled } from '../../../../support/manual-clock.ts';

const patience = { timeout: 30_000, interval: 5 };

/** `extra`: a node that the other release does not have. */
function release(extra: string): AnyGraph {
  return graph('desk', { state: fields({ by: last('') }) })
    .node('ask', () => ({}))
    .node(extra, () => ({ delta: { by: extra } }))
    .edge('ask', extra)
    .start('ask')
    .build();
}

describe('workers of two releases', () => {
  it('drive the runs of their own, and each says what it is', async () => {
    const store = memoryStore();
    const [first, second] = [release('old'), release('new')].map((built) =>
      createEngine(built, { store: keptStore(store) }),
    ) as unknown as [Engine<unknown, unknown>, Engine<unknown, unknown>];
    const by = new Map<string, string>();
    const worker = (engine: typeof first, build: string) =>
      engine.work({ build, pollMs: 1, onRun: (run) => by.set(run.id, `${run.status} by ${build}`) });
    const later = worker(second, '2');
    await vi.waitFor(async () => expect(await liveWorkersOf(store)).toHaveLength(1), patience);
    const earlier = worker(first, '1');
    await vi.waitFor(async () => expect(await liveWorkersOf(store)).toHaveLength(2), patience);
    for (let number = 0; number < 4; number += 1) {
      await first.enqueue({}, { runId: `of 1, ${number}` });
      await second.enqueue({}, { runId: `of 2, ${number}` });
    }
    await vi.waitFor(() => expect(by.size).toBe(8), { timeout: 30_000 });
    for (const [runId, what] of by) expect(what).toBe(`done by ${runId[3]}`);
    const workers = await liveWorkersOf(store);
    expect(workers.map(({ build }) => build)).toEqual(['2', '1']);
    expect(workers.map(({ graphs }) => graphs.map(({ name }) => name))).toEqual([['desk'], ['desk']]);
    await Promise.all([earlier.stop(), later.stop()]);
    expect(await liveWorkersOf(store)).toEqual([]);
    await first.close();
    await second.close();
  });

  it('leave a run that the one left cannot continue as it was, and the store says that it is stranded', async () => {
    const store = memoryStore();
    const [first, second] = [release('old'), release('new')].map((built) =>
      createEngine(built, { store: keptStore(store) }),
    ) as unknown as [Engine<unknown, unknown>, Engine<unknown, unknown>];
    await first.enqueue({}, { runId: 'run' });
    const failed: unknown[] = [];
    const worker = second.work({ pollMs: 1, onError: (thrown) => failed.push(thrown) });
    await vi.waitFor(() => expect(failed).toHaveLength(1), patience);
    expect(failed[0]).toMatchObject({ code: 'run-not-resumable' });
    await vi.waitFor(
      async () => expect(await strandedRunsOf(store, 9)).toMatchObject([{ runId: 'run', graph: 'desk' }]),
      patience,
    );
    expect(await store.find('run')).toMatchObject({ status: 'queued' });
    const other = second.work({ pollMs: 1, onError: (thrown) => failed.push(thrown) });
    const last = first.work({ pollMs: 1 });
    await vi.waitFor(async () => expect(await store.find('run')).toMatchObject({ status: 'done' }), patience);
    expect(failed).toHaveLength(1);
    for (const each of [worker, other, last]) await each.stop();
    await first.close();
    await second.close();
  });

  it('leave a run alone that does something else with their code, until somebody has continued it', async () => {
    const store = memoryStore();
    const paying = (name: string): AnyGraph =>
      graph('pay', { state: fields({}) })
        .node('pay', async (_state, { effect, receive }) => {
          await effect(name, {}, () => 'paid');
          await receive('ready');
          await receive('sent');
        })
        .start('pay')
        .build();
    const engineWith = (name: string): Engine<unknown, unknown> =>
      createEngine(paying(name), { store: keptStore(store) }) as unknown as Engine<unknown, unknown>;
    const [first, second, third] = [engineWith('charge'), engineWith('charge card'), engineWith('charge card')];
    expect(await first.run({}, { runId: 'run' })).toMatchObject({ status: 'paused' });
    const failed: unknown[] = [];
    const worker = second.work({ pollMs: 1, onError: (thrown) => failed.push(thrown) });
    await first.send('run', 'ready');
    const stranded = [{ runId: 'run', graph: 'pay', isLeftAlone: true }];
    // That the code asks for something else is known once it has been quiet for a second.
    const atLast = { timeout: 20_000 };
    await vi.waitFor(() => expect(failed).toMatchObject([{ code: 'resume-diverged' }]), atLast);
    expect(await strandedRunsOf(store, 9)).toMatchObject(stranded);
    const other = third.work({ pollMs: 1, onError: (thrown) => failed.push(thrown) });
    await vi.waitFor(() => expect(failed).toHaveLength(2), atLast);
    expect(await strandedRunsOf(store, 9)).toMatchObject(stranded);
    expect(await third.resume('run', { force: true })).toMatchObject({ status: 'paused' });
    expect(await strandedRunsOf(store, 9)).toEqual([]);
    await first.send('run', 'sent');
    await vi.waitFor(async () => expect(await store.find('run')).toMatchObject({ status: 'done' }));
    for (const each of [worker, other]) await each.stop();
    for (const engine of [first, second, third]) await engine.close();
  });

  it('are gone with their engines', async () => {
    const store = memoryStore();
    const engine = createEngine(release('old'), { store: keptStore(store) });
    engine.work({ pollMs: 1 });
    await vi.waitFor(async () => expect(await liveWorkersOf(store)).toHaveLength(1), patience);
    await engine.close();
    expect(await liveWorkersOf(store)).toEqual([]);
  });
});

it('a worker says that it lives three times while one time lasts, also after the store has failed', async () => {
  const clock = new ManualClock();
  const announced: number[] = [];
  let isFailing = false;
  const workers = {
    announce: () => {
      if (isFailing) throw new Error('the disk is gone');
      announced.push(clock.now());
    },
    withdraw: () => void announced.push(-1),
    live: () => [],
    stranded: () => [],
  };
  const presence = new Presence({ workers, clock, note: { owner: 'me', graphs: [], leaseMs: 300 } });
  await presence.start();
  await clock.advance(100);
  isFailing = true;
  await clock.advance(100);
  isFailing = false;
  await clock.advance(100);
  expect(announced).toEqual([0, 100, 300]);
  await presence.stop();
  await presence.stop();
  await clock.advance(1_000);
  await settled();
  expect(announced).toEqual([0, 100, 300, -1]);
  expect(clock.timerCount).toBe(0);
});

it('workers serve tenants in turn, and no more runs of one at once than they may', async () => {
  const store = memoryStore();
  const open = new Map<string, () => void>();
  const waiting = graph('waiting', { state: fields({ name: last<string>() }) })
    .node('wait', async ({ name }) => {
      await new Promise<void>((resolve) => open.set(name, resolve));
    })
    .start('wait')
    .build();
  const engine = createEngine(waiting, { store });
  for (let number = 0; number < 5; number += 1) await engine.enqueue({ name: `big-${number}` }, { tenant: 'big' });
  await engine.enqueue({ name: 'small-0' }, { tenant: 'small' });
  const worker = engine.work({ pollMs: 1, maxRuns: 4, maxRunsPerTenant: 2 });
  await vi.waitFor(() => expect([...open.keys()].sort()).toEqual(['big-0', 'big-1', 'small-0']), patience);
  open.get('big-0')?.();
  await vi.waitFor(() => expect(open.has('big-2')).toBe(true), patience);
  expect(open.has('big-3')).toBe(false);
  const stopped = worker.stop();
  for (const end of open.values()) end();
  await stopped;
  await engine.close();
});
