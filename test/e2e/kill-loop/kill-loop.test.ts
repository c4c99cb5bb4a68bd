// Three workers and two readers share one file, and are killed, stopped past their leases and given wrong clocks, while
// people and programs send, answer, decide and cancel. Nothing is lost, and nothing happens twice but what was in flight.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import { createEngine } from '../../../src/index.ts';
import type { RunStore } from '../../../src/index.ts';
import { sqliteStore } from '../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { pause } from '../../support/loopback-server.ts';
import { checkReader, checkRun } from './checks.ts';
import { Driver } from './driver.ts';
import { Faults } from './faults.ts';
import { OutsideService } from './outside.ts';
import type { Repeat } from './outside.ts';
import { ReaderProcess, WorkerProcess } from './processes.ts';
import { beatMs } from './beat.ts';
import type { Told } from './worker-main.ts';
import { durabilities, overHttp, workGraph } from './work.ts';
import type { Call } from './work.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = process.env.REPRISE_TEST_SEED ?? '20261128';
const killCount = Number(process.env.REPRISE_TEST_KILLS ?? (isLong ? 300 : 8));
const openMax = isLong ? 10 : 6;
const leaseMs = 700;
/** Nothing stands still for longer than two leases; the rest is for workers that start, and for a busy machine. */
const stillBeatsMax = (2 * leaseMs + 20_000) / beatMs;
const endMsMax = 300_000;

it(`${killCount} kills`, { timeout: isLong ? 3_600_000 : 240_000 }, async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'runs.db');
  const drawsOf = (name: string): (() => number) => drawStream(seed, name).next;
  await using outside = new OutsideService(seed, 25);
  const url = await outside.start();
  const store = sqliteStore(path);
  const graphs = new Map(durabilities.map((level) => [level, workGraph(level, overHttp(url), url)]));
  const engines = new Map([...graphs].map(([level, graph]) => [level, createEngine(graph, { store })]));
  await store.list({});
  const errors: Told[] = [];
  const passed = new Map<string, number>();
  let takeovers = 0;
  const hear = (told: Told): void => {
    if (told.kind === 'took') takeovers += 1;
    else if (told.kind === 'passed') passed.set(told.code, (passed.get(told.code) ?? 0) + 1);
    else errors.push(told);
  };
  const workers = [0, 1, 2].map(() => new WorkerProcess(path, url, leaseMs, hear));
  const readers = (['arrival', 'canonical'] as const).map((order) => new ReaderProcess(path, order));
  const processes = [...workers, ...readers];
  onTestFinished(async () => {
    await Promise.all(processes.map((each) => each.end()));
    await store.close();
  });
  const late: Call[] = [];
  const broken: Call[] = [];
  outside.onRepeat = async (repeat) => {
    if (!(await isKnown(store, repeat))) return;
    // A process that slept past its lease may have it again by now, after the one that had journaled the outcome died.
    const { runId, pid, token } = repeat.call;
    const run = ownerOf(path, runId);
    (run.owner.includes(` ${pid} `) && run.token === token ? broken : late).push(repeat.call);
  };
  const driver = new Driver({ store, engines, outside, workers, readers, draw: drawsOf('driver'), openMax });
  const faults = new Faults({ workers, readers, draw: drawsOf('faults'), leaseMs });
  const told: () => Promise<void> = async () => {
    while (!driver.isDone) {
      await driver.round();
      await pause(30);
      if (errors.length > 0) throw new Error(`a worker failed: ${JSON.stringify(errors[0])}`);
      if (driver.longestStillBeats > stillBeatsMax) throw new Error('a run stands still');
    }
  };
  const disturb = async (): Promise<void> => {
    while (faults.kills < killCount) await faults.next();
    await faults.end();
    driver.isEnding = true;
  };
  try {
    await Promise.all(processes.map(({ ready }) => ready.promise));
    const driving = told();
    const faultless = Promise.race([outside.fault.promise, ...processes.map(({ ended }) => ended.promise)]);
    faultless.catch(() => undefined);
    await Promise.race([disturb(), driving, faultless]);
    const isOver = AbortSignal.timeout(endMsMax);
    await Promise.race([
      driving,
      faultless,
      new Promise((_resolve, reject) => {
        isOver.addEventListener('abort', () => reject(new Error('the runs do not end')));
      }),
    ]);
    while (readers.some(({ left }) => left.length > 0)) {
      await pause(50);
      if (isOver.aborted) throw new Error(`readers do not end: ${JSON.stringify(readers.map(({ left }) => left))}`);
    }
  } catch (thrown) {
    const passing = JSON.stringify(Object.fromEntries(passed));
    console.log(
      workers
        .map(({ pid, isAlive, isReady, isStopped, isShifted }) =>
          JSON.stringify({ pid, isAlive, isReady, isStopped, isShifted }),
        )
        .join('\n'),
      passing,
      driver.open.map(({ runId }) => `${runId}: ${ownerOf(path, runId).owner}`).join('\n'),
    );
    const { stack } = thrown as Error;
    const talk = processes.map((each) => each.talk).join('');
    await show(store, driver, `after ${faults.kills} kills and ${takeovers} takeovers: ${stack}${talk}`);
    throw thrown;
  }
  await Promise.all(processes.map((each) => each.end()));

  const totals = {
    stops: 0,
    cleaned: 0,
    decided: 0,
    signals: 0,
    answers: 0,
    replayed: 0,
    chunks: 0,
    resets: 0,
  };
  const add = (counts: Partial<typeof totals>): void => {
    for (const [name, count] of Object.entries(counts)) totals[name as keyof typeof totals] += count;
  };
  for (const run of driver.runs) {
    try {
      add(await checkRun(store, run, graphs.get(run.durability) as never, folder));
      for (const reader of readers) add(await checkReader(store, run, reader));
    } catch (thrown) {
      await show(store, driver, '', run.runId);
      throw thrown;
    }
  }
  const statuses = driver.runs.map(({ status }) => status);
  const twice = [...outside.served.values()].filter(({ count }) => count > 1).length;
  console.log(
    [
      `kill loop, seed ${seed}: ${faults.kills} kills; ${[...faults.counts].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
      `${statuses.length} runs, ${statuses.filter((each) => each === 'cancelled').length} of them cancelled`,
      `outside ${JSON.stringify({ ...outside.counts, keys: outside.served.size, twice, late: late.length })}`,
      `driver ${JSON.stringify(driver.counts)}, stood still for ${driver.longestStillMs} ms at most`,
      `${takeovers} takeovers, passed by ${JSON.stringify(Object.fromEntries(passed))}`,
      `journals ${JSON.stringify(totals)}`,
    ].join('\n'),
  );
  for (const call of broken) await show(store, driver, `${JSON.stringify(call)} was performed again`, call.runId);
  for (const lock of outside.held) await show(store, driver, `${lock} is held`, lock.split(' ')[0]);
  expect(broken, 'performed again although the journal held the outcome').toEqual([]);
  expect(outside.broken, 'served twice although it must not be').toEqual([]);
  expect([...outside.held], 'locks that nobody gave back').toEqual([]);
  expect(processes.map(({ talk }) => talk).join('')).toBe('');
});

/** Whether the journal held the outcome of a call when it came again. Each key has one outcome, and gets no second one. */
async function isKnown(store: RunStore, { call, earlierKeys }: Repeat): Promise<boolean> {
  const entries = await collected(store.read(call.runId));
  const outcomes = entries.filter(
    (entry) =>
      entry.kind === 'effect' &&
      entry.at === call.at &&
      entry.name === call.name &&
      JSON.stringify(entry.request) === JSON.stringify(call.request) &&
      entry.observed.decided === undefined,
  );
  return outcomes.length > earlierKeys;
}

interface Owned {
  readonly owner: string;
  readonly token: number;
}

function ownerOf(path: string, runId: string): Owned {
  const handle = new Database(path, { readonly: true });
  try {
    const row = handle.prepare('SELECT owner, token FROM run WHERE id = ?').get(runId) as Owned;
    return { owner: String(row.owner), token: row.token };
  } finally {
    handle.close();
  }
}

/** The journals of what is open, or of one run: for whoever looks for the cause. */
async function show(store: RunStore, driver: Driver, why: string, runId?: string): Promise<void> {
  console.log(`kill loop, seed ${seed}: ${why}`);
  for (const run of driver.runs) {
    if (runId === undefined ? run.isFinal : run.runId !== runId) continue;
    console.log(JSON.stringify({ ...run, summary: await store.find(run.runId) }));
    for (const entry of await collected(store.read(run.runId))) console.log(JSON.stringify(entry));
  }
}
