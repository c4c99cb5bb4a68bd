// Shared by the tests of resuming: stores that outlive an engine, and engines that find what another one left.
import { join } from 'node:path';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import type { Clock } from '../../../src/port/clock.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { effectsInDoubtOf } from '../../../src/stored-run.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

/** A place for runs. Each call opens it, as another process would. */
export type Place = () => RunStore;

/** What time it is in a place: what the clock of the engine says that came last. */
interface PlaceTime {
  clock: Clock | undefined;
}

const times = new WeakMap<RunStore, PlaceTime>();

function timed(open: (now: () => number) => RunStore): Place {
  const time: PlaceTime = { clock: undefined };
  return () => {
    const store = open(() => time.clock?.now() ?? 0);
    times.set(store, time);
    return store;
  };
}

export const places: readonly { readonly name: string; readonly make: () => Place }[] = [
  {
    name: 'memory',
    make: () => {
      let store: RunStore | undefined;
      return timed((now) => (store ??= asDurable(memoryStore({ now }))));
    },
  },
  {
    name: 'SQLite',
    make: () => {
      const path = join(temporaryFolder(), 'runs.db');
      return timed((now) => sqliteStore(path, { now }));
    },
  },
];

export async function journalIn(place: Place): Promise<readonly Entry[]> {
  const store = place();
  try {
    return await collected(store.read(runId));
  } finally {
    await store.close();
  }
}

/** Leaves what a killed process had written. */
export async function leave(place: Place, entries: readonly Entry[]): Promise<void> {
  const store = place();
  await storeWith(entries, store);
  await store.close();
}

/** From now on, what time it is in the place of a store is what this clock says. */
export function keepTime(store: RunStore, clock: Clock): void {
  const time = times.get(store);
  if (time !== undefined) time.clock = clock;
}

/** Each engine is an owner of its own. */
export function engineAt(graph: AnyGraph, store: RunStore, clock: Clock): RunHost {
  keepTime(store, clock);
  return testEngine(graph, { store, clock, id: () => `owner at ${clock.now()}` });
}

/** Where a replay of the run differs from it. */
export async function divergencesOf(place: Place, built: AnyGraph): Promise<readonly unknown[]> {
  const store = place();
  const path = join(temporaryFolder(), 'run.run.jsonl');
  await exportRunTo(store, runId, path);
  await store.close();
  return (await replay(built, path)).report.divergences;
}

/** The addresses of the effects in doubt. */
export async function doubtsIn(place: Place): Promise<readonly string[]> {
  const store = place();
  const doubts = await effectsInDoubtOf(store, runId);
  await store.close();
  return doubts.map(({ address }) => address);
}

export function keysOf(entries: readonly Entry[], kind: Entry['kind']): readonly string[] {
  return entries.filter((entry) => entry.kind === kind).map(({ at }) => at);
}

export { runId };
