// Laws of engines on machines whose clocks are apart: a time limit ends when it would if all had the clock of their store.
import assert from 'node:assert/strict';
import type { RunHost } from '../../src/engine/host/run-host.ts';
import { StoreClock } from '../../src/engine/host/store-clock.ts';
import { RepriseError } from '../../src/base/error.ts';
import type { AnyGraph } from '../../src/graph/built-graph.ts';
import { liveClock } from '../../src/live/clock.ts';
import type { Clock } from '../../src/port/clock.ts';
import type { RunStore } from '../../src/port/store.ts';
import { fields, graph, last } from '../../src/index.ts';
import { keptStore } from './changed-store.ts';
import { testEngine } from './test-engine.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;
const napMs = 2_000;
/** How far a time may be off that a statement took to arrive. */
const slackMs = 5_000;

export interface ClocksPlace {
  /** The store as another process opens it. */
  open(): RunStore;
}

export interface ClocksLaw {
  readonly name: string;
  check(place: ClocksPlace): Promise<void>;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function clockAhead(aheadMs: number): Clock {
  return { now: () => liveClock.now() + aheadMs, setTimer: liveClock.setTimer };
}

type NewGraph = (name: string) => AnyGraph;

function builder(name: string) {
  return graph(name, { state: fields({ got: last<string>('') }) });
}

function waiter(run: Parameters<ReturnType<typeof builder>['node']>[1]): NewGraph {
  return (name) => builder(name).node('wait', run).start('wait').build();
}

const asker = waiter(async (_state, { ask }) => ({
  delta: { got: String(await ask('Send it?', { name: 'send', timeoutMs: minuteMs })) },
}));
const receiver = waiter(async (_state, { receive }) => ({
  delta: { got: String(await receive('go', { timeoutMs: minuteMs })) },
}));
const sleeper = waiter(async (_state, { sleep }) => {
  await sleep(minuteMs);
  return { delta: { got: 'slept' } };
});
const napper = waiter(async (_state, { sleep }) => {
  await sleep(napMs);
  return { delta: { got: 'slept' } };
});

let count = 0;

/** Machines that share a store, each with an engine of the graph. */
async function onMachines(
  place: ClocksPlace,
  newGraph: NewGraph,
  work: (machines: readonly RunHost[], store: RunStore, runId: string) => Promise<void>,
): Promise<void> {
  count += 1;
  const runId = `clocks-${process.pid}-${count}`;
  // Of its own, so that its machines take no other run.
  const own = newGraph(runId);
  const machines = [0, -hourMs, hourMs].map((aheadMs, index) => {
    // What is in memory is never parked, since it dies with its process: here it outlives each of them.
    const store = keptStore(place.open(), { isDurable: true });
    const id = (): string => `${runId}-owner-${index}`;
    return testEngine(own, { store, clock: new StoreClock(clockAhead(aheadMs), store), id });
  });
  try {
    await work(machines, place.open(), runId);
  } finally {
    for (const machine of machines) await machine.close();
  }
}

/** Drives the run on this machine until it has nothing to do but wait. */
async function parked(machine: RunHost, runId: string): Promise<void> {
  const due = await machine.resumeDue(9, new Set(), 0);
  const own = due.find((run) => run.runId === runId);
  assert.ok(own !== undefined, 'it is due');
  assert.equal((await own.result)?.status, 'paused');
}

/** What a machine finds due: now, or as much later as it may think it is where the store was slow to tell it the time. */
async function dueSoon(machine: RunHost): Promise<Awaited<ReturnType<RunHost['resumeDue']>>[number] | undefined> {
  for (let tries = 0; tries < 20; tries += 1) {
    const [due] = await machine.resumeDue(9, new Set(), 0);
    if (due !== undefined) return due;
    await pause(slackMs / 10);
  }
  return undefined;
}

/** How the run ends there. What is over by the clock of the store may be a little later for who was told of it slowly. */
async function endSoon(machine: RunHost, store: RunStore, runId: string): Promise<string | undefined> {
  for (;;) {
    const run = await (await dueSoon(machine))?.result;
    if (run?.status !== 'paused') return run?.status;
    await wakesIn(store, runId, 0);
  }
}

/** A run is begun, parked and continued on one machine each: by any of them. */
async function everyOrder(check: (first: number, second: number, third: number) => Promise<void>): Promise<void> {
  const all = await Promise.allSettled([check(0, 1, 2), check(1, 2, 0), check(2, 0, 1)]);
  for (const one of all) if (one.status === 'rejected') throw one.reason;
}

async function wakesIn(store: RunStore, runId: string, ms: number): Promise<void> {
  const time = (await store.time?.()) ?? Date.now();
  const inMs = ((await store.find(runId))?.wakeAt ?? 0) - time;
  assert.ok(Math.abs(inMs - ms) < slackMs, `it wakes in ${inMs} ms, and not in ${ms}`);
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'done',
    (thrown: unknown) => (thrown instanceof RepriseError ? thrown.code : String(thrown)),
  );
}

export const clocksLaws: readonly ClocksLaw[] = [
  {
    name: 'a question is open for as long as it was to be, whoever asked it, drives its run and answers',
    async check(place) {
      await everyOrder(async (first, second, third) => {
        await onMachines(place, asker, async (machines, store, runId) => {
          await machines[first]?.enqueue({}, { runId });
          await parked(machines[second] as RunHost, runId);
          await wakesIn(store, runId, minuteMs);
          assert.equal(await codeOf(machines[third]?.answer(runId, undefined, 'yes') as Promise<unknown>), 'done');
          const run = await machines[first]?.resume(runId);
          assert.deepEqual(run?.state, { got: 'yes' });
        });
      });
    },
  },
  {
    name: 'a signal that comes in time is received, whoever sends it',
    async check(place) {
      await everyOrder(async (first, second, third) => {
        await onMachines(place, receiver, async (machines, store, runId) => {
          await machines[first]?.enqueue({}, { runId });
          await parked(machines[first] as RunHost, runId);
          await wakesIn(store, runId, minuteMs);
          await machines[second]?.send(runId, 'go', 'now');
          const run = await machines[third]?.resume(runId);
          assert.deepEqual(run?.state, { got: 'now' });
        });
      });
    },
  },
  {
    name: 'a sleeping run is taken by nobody before its time, and by anybody after it',
    async check(place) {
      await everyOrder(async (first, second, third) => {
        await onMachines(place, sleeper, async (machines, store, runId) => {
          await machines[first]?.enqueue({}, { runId });
          await parked(machines[second] as RunHost, runId);
          await wakesIn(store, runId, minuteMs);
          assert.deepEqual(await machines[third]?.resumeDue(9, new Set(), 0), []);
          const early = machines[third]?.resume(runId);
          await pause(50);
          await machines[third]?.close();
          assert.equal((await early)?.status, 'interrupted');
          // What a machine an hour ahead looked at sleeps as long as before.
          await parked(machines[first] as RunHost, runId);
          await wakesIn(store, runId, minuteMs);
        });
        await onMachines(place, napper, async (machines, store, runId) => {
          await machines[first]?.enqueue({}, { runId });
          await parked(machines[second] as RunHost, runId);
          await wakesIn(store, runId, napMs);
          await pause(napMs);
          assert.equal(await endSoon(machines[third] as RunHost, store, runId), 'done');
        });
      });
    },
  },
  {
    name: 'the time limit of a run is over when it was to be, whoever drives it',
    async check(place) {
      await everyOrder(async (first, second, third) => {
        await onMachines(place, sleeper, async (machines, _store, runId) => {
          await machines[first]?.enqueue({}, { runId, timeoutMs: minuteMs / 2 });
          await parked(machines[second] as RunHost, runId);
          const driven = machines[third]?.resume(runId);
          await pause(50);
          await machines[third]?.close();
          assert.equal((await driven)?.status, 'interrupted');
        });
        await onMachines(place, sleeper, async (machines, store, runId) => {
          await machines[first]?.enqueue({}, { runId, timeoutMs: 500 });
          await pause(600);
          assert.equal(await endSoon(machines[third] as RunHost, store, runId), 'failed');
        });
      });
    },
  },
];

/** A store of which nobody learns what time it is: each engine takes that of its machine. */
export function timelessStore(store: RunStore): RunStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = name === 'time' ? undefined : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
