// Laws of stores that keep checkpoints: a checkpoint is kept as it was given, at the place of its commit.
import assert from 'node:assert/strict';
import { sameValue } from '../../base/equal.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import type { Entry } from '../../journal/entry.ts';
import type { Lease, PlacedCheckpoint, RunStore } from '../../port/store.ts';
import { assertRefused } from './law-assert.ts';
import { collected, commitEntry, eventEntry, runEntry, stored } from './law-entries.ts';
import { isPrunable, law } from './store-law.ts';
import type { StoreLaw, StorePlace } from './store-law.ts';

interface StoreWithCheckpoints extends RunStore {
  checkpoint(runId: string, step?: number): ReturnType<NonNullable<RunStore['checkpoint']>>;
}

export function keepsCheckpoints(store: RunStore): store is StoreWithCheckpoints {
  return typeof (store as Partial<StoreWithCheckpoints>).checkpoint === 'function';
}

function connected(place: StorePlace): StoreWithCheckpoints {
  const store = place.connect();
  if (!keepsCheckpoints(store)) throw new TypeError('the store has no `checkpoint`');
  return store;
}

const stepCount = 40;
/** Long enough that a store which decides by length keeps several checkpoints. */
const text = 'x'.repeat(8_000);

function checkpointAt(step: number, runId = 'run-1'): RunCheckpoint {
  const state = stored({ text: `after ${step}` });
  return { run: runEntry(runId), step, state, frontier: [{ node: 'ask' }], stepCount: 2 * step };
}

function stepEntries(step: number): readonly Entry[] {
  return [eventEntry(`${step}.0#1`, { data: `${step} ${text}` }), commitEntry(String(step))];
}

async function add(store: RunStore, lease: Lease, step: number): Promise<void> {
  await store.append(lease, stepEntries(step), () => checkpointAt(step));
}

function assertIs(placed: PlacedCheckpoint | undefined, written: readonly Entry[], most: number): number {
  if (placed === undefined) return -1;
  const { step } = placed.checkpoint;
  assert.ok(step <= most, `got the checkpoint of step ${step}, but asked for none later than ${most}`);
  assert.ok(
    sameValue(stored(placed.checkpoint), stored(checkpointAt(step))),
    `the checkpoint of step ${step} was changed`,
  );
  const entry = written[placed.place];
  assert.ok(
    entry?.kind === 'commit' && entry.at === String(step),
    `entry ${placed.place} does not commit step ${step}`,
  );
  return step;
}

export const checkpointLaws: readonly StoreLaw[] = [
  law('the latest checkpoint up to a step is returned, exactly as it was given', async (place) => {
    const store = connected(place);
    const lease = await store.create(runEntry('run-1'), [commitEntry('0')]);
    for (let step = 1; step <= stepCount; step += 1) await add(store, lease, step);
    for (const one of [store, connected(place)]) {
      const written = await collected(one.read('run-1'));
      let before = -1;
      for (let step = 0; step <= stepCount; step += 1) {
        const found = assertIs(await one.checkpoint('run-1', step), written, step);
        assert.ok(
          found === before || found === step,
          `for step ${step}, got the checkpoint of step ${found} instead of ${before}`,
        );
        before = found;
      }
      assert.equal(assertIs(await one.checkpoint('run-1'), written, stepCount), before);
    }
  }),
  law('a process that takes a run finds the checkpoints that it writes', async (place) => {
    const store = connected(place);
    await store.release(await store.create(runEntry('run-1')));
    const taker = connected(place);
    const lease = await taker.take('run-1');
    for (let step = 0; step < stepCount; step += 1) await add(taker, lease, step);
    const found = await taker.checkpoint('run-1');
    const foundByOther = await store.checkpoint('run-1');
    assert.ok(foundByOther !== undefined, 'no checkpoint was kept');
    assert.equal(found?.place, foundByOther.place, 'the taker finds another checkpoint than others do');
  }),
  law('a refused commit leaves no checkpoint', async (place) => {
    const store = connected(place);
    const lost = await store.create(runEntry('run-1'), [commitEntry('0')]);
    const lease = await connected(place).take('run-1');
    for (let step = 1; step <= stepCount; step += 1) await assertRefused(() => add(store, lost, step), 'lease-lost');
    assert.equal(await store.checkpoint('run-1'), undefined);
    await add(store, lease, 1);
    assertIs(await store.checkpoint('run-1'), await collected(store.read('run-1')), 1);
  }),
  law('a missing or deleted run has no checkpoint', async (place) => {
    const store = connected(place);
    await assertRefused(() => store.checkpoint('nobody'), 'run-unknown');
    if (!isPrunable(store)) return;
    const lease = await store.create(runEntry('run-1'), [commitEntry('0')]);
    for (let step = 1; step <= stepCount; step += 1) await add(store, lease, step);
    await store.release(lease);
    await store.delete('run-1');
    await assertRefused(() => store.checkpoint('run-1'), 'run-unknown');
    await store.create(runEntry('run-1'), [commitEntry('0')]);
    assert.equal(await store.checkpoint('run-1'), undefined);
  }),
];
