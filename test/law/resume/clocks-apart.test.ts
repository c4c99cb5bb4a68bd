// Workers whose clocks are an hour apart, over one store: its own clock alone says whether a run is driven.
import { fields, graph, last } from 'reprise';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { ManualClock, settled } from '../../support/manual-clock.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId } from './prefix-run.ts';

const hourMs = 3_600_000;
const leaseMs = 300;
const start = 10 * hourMs;

/** Opens the store as a process with this clock does. */
type Machine = (clock: ManualClock) => RunStore;

interface Place {
  /** The clock of the store. */
  readonly time: ManualClock;
  readonly machine: Machine;
}

const stores: Readonly<Record<string, (time: ManualClock) => Machine>> = {
  memory(time) {
    const store = asDurable(memoryStore({ now: () => time.now() }));
    return () => store;
  },
  SQLite(time) {
    const path = join(temporaryFolder(), 'runs.db');
    return () => sqliteStore(path, { now: () => time.now() });
  },
};

/** A store that reckons by the clock of each process. */
function believing(): Machine {
  const path = join(temporaryFolder(), 'runs.db');
  return (clock) => sqliteStore(path, { now: () => clock.now() });
}

const waiting = (isOver: () => boolean) =>
  graph('waiting', { state: fields({ done: last(false) }) })
    .node('wait', async (_state, { signal }) => {
      while (!isOver() && !signal.aborted) await settled();
      return { delta: { done: true } };
    })
    .start('wait')
    .build();

/** Whether a worker with the second clock takes a run from a live one with the first, and whether it takes it in the end. */
async function seen({ time, machine }: Place, ownMs: number, otherMs: number): Promise<readonly boolean[]> {
  let isOver = false;
  const built = waiting(() => isOver);
  const clocks = [ownMs, otherMs].map((aheadMs) => new ManualClock(start + aheadMs));
  const [own, other] = clocks as [ManualClock, ManualClock];
  const engineOf = (clock: ManualClock, id: string): RunHost =>
    testEngine(built, { store: machine(clock), clock, id: () => id }, { leaseMs });
  const pass = async (ms: number, passing: readonly ManualClock[]): Promise<void> => {
    for (const clock of passing) clock.jump(ms);
    await settled();
  };
  const owner = engineOf(own, 'own');
  const begun = owner.run({}, { runId, seed: 'seed' }).catch(() => undefined);
  await settled();
  const worker = engineOf(other, 'other');
  const isTaken = async (): Promise<boolean> => (await worker.resumeDue(9, new Set())).length > 0;
  let wasTaken = false;
  for (let round = 0; round < 6; round += 1) {
    time.jump(leaseMs / 3);
    other.jump(leaseMs / 3);
    // Renews its lease.
    await own.advance(leaseMs / 3);
    wasTaken ||= await isTaken();
  }
  // From now on its timers fire no more: its process has died.
  await pass(leaseMs, [time, other]);
  const isFree = await isTaken();
  isOver = true;
  await settled();
  await worker.close();
  await owner.close();
  await begun;
  return [wasTaken, isFree];
}

const pairs = [-hourMs, 0, hourMs].flatMap((ownMs) => [-hourMs, 0, hourMs].map((otherMs) => ({ ownMs, otherMs })));

describe.each(Object.keys(stores))('on %s', (name) => {
  it.each(pairs)(
    'a clock that is $otherMs ms ahead takes no live run of one $ownMs ms ahead, and dead ones',
    async (pair) => {
      const time = new ManualClock(start);
      const machine = (stores[name] as (typeof stores)[string])(time);
      expect(await seen({ time, machine }, pair.ownMs, pair.otherMs)).toEqual([false, true]);
    },
  );
});

it('a store that reckons by the clocks of its callers lets one that is ahead take live runs, also of one that is behind', async () => {
  const place = (): Place => ({ time: new ManualClock(start), machine: believing() });
  expect(await seen(place(), 0, 0)).toEqual([false, true]);
  expect((await seen(place(), 0, hourMs))[0]).toBe(true);
  expect((await seen(place(), -hourMs, 0))[0]).toBe(true);
});
