// Laws of stores that keep checkpoints: what is kept is what was given, and stands where its commit does.
import assert from 'node:assert/strict';
import { sameValue } from '../../base/equal.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
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
/** Long enough that a store which looks at lengths keeps several. */
const text = 'x'.repeat(8_000);

function standingAt(step: number, runId = 'run-1'): RunCheckpoint {
  const state = stored({ text: `behind ${step}` });
  return { run: runEntry(runId), step, state, frontier: [{ node: 'ask' }], stepCount: 2 * step };
}

function stepEntries(step: number): readonly Entry[] {
  return [eventEntry(`${step}.0#1`, { data: `${step} ${text}` }), commitEntry(String(step))];
}

async function add(store: RunStore, lease: Lease, step: number): Promise<void> {
  await store.append(lease, stepEntries(step), () => standingAt(step));
}

function assertIs(placed: PlacedCheckpoint | undefined, written: readonly Entry[], most: number): number {
  if (placed === undefined) return -1;
  const { step } = placed.checkpoint;
  assert.ok(step <= most, `the checkpoint of step ${step} was given where none later than ${most} was asked for`);
  assert.ok(
    sameValue(stored(placed.checkpoint), stored(standingAt(step))),
    `the checkpoint of step ${step} is changed`,
  );
  const entry = written[placed.place];
  assert.ok(entry?.kind === 'commit' && entry.at === String(step), `step ${step} is not committed at ${placed.place}`);
  return step;
}

export const checkpointLaws: readonly StoreLaw[] = [
  law('a checkpoint is what was given with its commit, and the last one of no later step', async (place) => {
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
          `for step ${step} that of ${found} is given, and not of ${before}`,
        );
        before = found;
      }
      assert.equal(assertIs(await one.checkpoint('run-1'), written, stepCount), before);
    }
  }),
  law('a commit that is refused leaves no checkpoint', async (place) => {
    const store = connected(place);
    const lost = await store.create(runEntry('run-1'), [commitEntry('0')]);
    const lease = await connected(place).take('run-1');
    for (let step = 1; step <= stepCount; step += 1) await assertRefused(() => add(store, lost, step), 'lease-lost');
    assert.equal(await store.checkpoint('run-1'), undefined);
    await add(store, lease, 1);
    assertIs(await store.checkpoint('run-1'), await collected(store.read('run-1')), 1);
  }),
  law('no checkpoint is given of a run that is not there, or no longer', async (place) => {
    const store = connected(place);
    await assertRefused(() => store.checkpoint('nobody'), 'run-unknown');
    if (!isPrunable(store)) return;
    const lease = await store.create(runEntry('run-1'), [commitEntry('0')]);
    for (let step = 1; step <= stepCount; step += 1) await add(store, lease, step);
    await store.release(lease);
    await store.delete('run-1', { now: 0 });
    await assertRefused(() => store.checkpoint('run-1'), 'run-unknown');
    await store.create(runEntry('run-1'), [commitEntry('0')]);
    assert.equal(await store.checkpoint('run-1'), undefined);
  }),
];
