// What the tests of resuming share: stores that outlive an engine, a clock that stands still until it is told, and engines
// that find what another has left behind.
import { join } from 'node:path';
import { RunHost } from '../../../src/engine/host/run-host.ts';
import { liveWorld } from '../../../src/engine/world/live-world.ts';
import { engineSettings } from '../../../src/engine/options/engine-options.ts';
import type { AnyGraph } from '../../../src/index.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { liveRejections } from '../../../src/live/rejections.ts';
import type { Clock } from '../../../src/port/clock.ts';
import { arrivalOrder } from '../../../src/port/oracle.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { memoryStore } from '../../../src/store/memory.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { asDurable, runId, storeWith } from './prefix-run.ts';

/** A place for runs; each call opens it, as another process would. */
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

/** Leaves behind what a process that was killed had written. */
export async function leave(place: Place, entries: readonly Entry[]): Promise<void> {
  const store = place();
  await storeWith(entries, store);
  await store.close();
}

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

/** Time moves when it is told to. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #time: number;
  /** What was waited for, in milliseconds. */
  readonly delays: number[] = [];

  constructor(time = 0) {
    this.#time = time;
  }

  now(): number {
    return this.#time;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    this.delays.push(delayMs);
    const timer = { due: this.#time + delayMs, fire };
    this.#timers.add(timer);
    if (delayMs === 0) setImmediate(() => this.#fire());
    return () => this.#timers.delete(timer);
  }

  /** Lets everything happen that can, moves the time, and lets everything happen again. */
  async advance(byMs: number): Promise<void> {
    await settled();
    this.#time += byMs;
    this.#fire();
    await settled();
  }

  #fire(): void {
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#time || !this.#timers.delete(timer)) continue;
      timer.fire();
    }
  }
}

/** Everything that waits for nothing outside has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function engineAt(graph: AnyGraph, store: RunStore, clock: Clock): RunHost {
  const ports = {
    clock,
    entropy: { runId: () => `owner at ${clock.now()}`, seed: () => 'seed' },
    oracle: arrivalOrder,
    world: liveWorld(clock),
    store,
    rejections: liveRejections,
    sources: [],
    sinks: [],
    attachPollMs: 1,
  };
  return new RunHost(graph, ports, engineSettings({}));
}

export function keysOf(entries: readonly Entry[], kind: Entry['kind']): readonly string[] {
  return entries.filter((entry) => entry.kind === kind).map(({ at }) => at);
}

export { runId };
