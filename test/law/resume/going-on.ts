// Shared by the tests of resuming: stores that outlive an engine, and engines that find what another one left.
import { join } from 'node:path';
import type { RunHost } from '../../../src/engine/host/run-host.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import type { Clock } from '../../../src/port/clock.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { testEngine } from '../../support/test-engine.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

/** A place for runs. Each call opens it, as another process would. */
export type Place = () => RunStore;

export const places: readonly { readonly name: string; readonly make: () => Place }[] = [
  {
    name: 'memory',
    make: () => {
      const store = asDurable(memoryStore());
      return () => store;
    },
  },
  {
    name: 'SQLite',
    make: () => {
      const path = join(temporaryFolder(), 'runs.db');
      return () => sqliteStore(path);
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

/** Each engine is an owner of its own. */
export function engineAt(graph: AnyGraph, store: RunStore, clock: Clock): RunHost {
  return testEngine(graph, { store, clock, id: () => `owner at ${clock.now()}` });
}

export function keysOf(entries: readonly Entry[], kind: Entry['kind']): readonly string[] {
  return entries.filter((entry) => entry.kind === kind).map(({ at }) => at);
}

export { runId };
