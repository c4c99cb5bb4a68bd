// Real processes that share one file are killed at any moment: every run ends, each step is committed once, and a
// request is repeated only if its outcome was not journaled.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { drawStream } from '../../../src/base/draw.ts';
import { sameValue } from '../../../src/base/equal.ts';
import type { EffectEntry, Entry } from '../../../src/journal/entry.ts';
import { RunFold } from '../../../src/journal/fold/run-fold.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { answerTo, callCount, expectedLog, runIdOf } from '../../support/killed-run.ts';
import type { Call } from '../../support/killed-run.ts';
import { LoopbackServer } from '../../support/loopback-server.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = process.env.REPRISE_TEST_SEED ?? '20261123';
const runCount = isLong ? 200 : 40;
const killCounts = isLong ? { 1: 30, 2: 30, 3: 40 } : { 1: 5, 2: 3, 3: 6 };

/** The outside: counts calls by idempotency key, and checks on a repeated call whether its outcome was journaled. */
class Outside {
  readonly servedCounts = new Map<string, number>();
  /** Calls that were made although the journal held their outcome. */
  readonly broken: Call[] = [];
  /** Rejects if the outside itself fails. */
  readonly fault = Promise.withResolvers<never>();
  /** Outcomes in the copy of the file made after a process died. */
  known: ReadonlySet<string> = new Set();
  totalCount = 0;
  /** Calls by processes that had lost their run. */
  lateCount = 0;
  readonly #path: string;
  readonly #draw: () => number;

  constructor(path: string, draw: () => number) {
    this.#path = path;
    this.#draw = draw;
  }

  async serve(call: Call): Promise<number> {
    const count = (this.servedCounts.get(call.key) ?? 0) + 1;
    this.servedCounts.set(call.key, count);
    this.totalCount += 1;
    if (this.known.has(nameOf(call))) this.broken.push(call);
    // A process that has lost its run without knowing may still call: it writes nothing, and cannot know the outcome.
    if (count > 1 && (await outcomes(this.#path, call.runId)).has(nameOf(call))) {
      if (this.#ownerOf(call.runId).includes(` ${call.pid} `)) this.broken.push(call);
      else this.lateCount += 1;
    }
    await pause(this.#draw() * 25);
    return answerTo(call.name, call.request);
  }

  #ownerOf(runId: string): string {
    const handle = new Database(this.#path, { readonly: true });
    try {
      return String(handle.prepare('SELECT owner FROM run WHERE id = ?').pluck().get(runId));
    } finally {
      handle.close();
    }
  }
}

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

function nameOf({ runId, at, name, request }: Omit<Call, 'key' | 'pid'>): string {
  return JSON.stringify([runId, at, name, request]);
}

async function journal(path: string, runId: string): Promise<readonly Entry[]> {
  const store = sqliteStore(path);
  try {
    return await collected(store.read(runId));
  } finally {
    await store.close();
  }
}

async function outcomes(path: string, runId: string): Promise<ReadonlySet<string>> {
  const effects = (await journal(path, runId)).filter((entry): entry is EffectEntry => entry.kind === 'effect');
  return new Set(
    effects.map(({ at, name, request }) => nameOf({ runId, at, name, request: request as readonly number[] })),
  );
}

/** The contents of the file after the only process writing to it died. */
async function copiedOutcomes(path: string, copy: string): Promise<ReadonlySet<string>> {
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  const store = sqliteStore(copy);
  const runs = await store.list({ limit: 100_000 });
  await store.close();
  const all = await Promise.all(runs.map(({ runId }) => outcomes(copy, runId)));
  return new Set(all.flatMap((known) => [...known]));
}

/** Processes that are restarted when they are killed. */
class Processes {
  readonly #arguments: readonly string[];
  readonly #children: ChildProcess[] = [];
  readonly told: Promise<string>[] = [];

  constructor(count: number, given: readonly string[]) {
    this.#arguments = given;
    for (let place = 0; place < count; place += 1) this.#start(place);
  }

  #start(place: number): void {
    const child = spawn(process.execPath, ['test/support/killed-process-main.ts', ...this.#arguments], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children[place] = child;
    for (const stream of [child.stdout, child.stderr]) this.told.push(text(stream as NodeJS.ReadableStream & never));
  }

  /** `between` runs after the process has died and before it is restarted. */
  async kill(place: number, between: () => Promise<void>): Promise<void> {
    const child = this.#children[place] as ChildProcess;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    await between();
    this.#start(place);
  }

  async end(): Promise<readonly (number | null)[]> {
    return Promise.all(
      this.#children.map(async (child) => child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0]),
    );
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

it.each([1, 2, 3] as const)('%s at once', { timeout: isLong ? 600_000 : 180_000 }, async (processCount) => {
  const folder = temporaryFolder();
  const path = join(folder, 'runs.db');
  const draw = drawStream(seed, `kills of ${processCount}`).next;
  const outside = new Outside(path, draw);
  await using server = await LoopbackServer.start((request, response) => {
    void text(request)
      .then((body) => outside.serve(JSON.parse(body) as Call))
      .then((answer) => response.end(JSON.stringify(answer)))
      .catch((thrown: unknown) => {
        outside.fault.reject(thrown);
        response.destroy();
      });
  });
  outside.fault.promise.catch(() => undefined);
  const processes = new Processes(processCount, [path, server.url, String(runCount)]);
  onTestFinished(() => processes.stop());
  const killCount = killCounts[processCount];
  // Each run makes so many calls, so that the last kill comes while there is still work left.
  const callsBetween = (runCount * callCount) / (killCount + 1);
  for (let kill = 0; kill < killCount; kill += 1) {
    // Some are killed before they have done anything.
    const wanted = draw() < 0.1 ? 0 : Math.floor(draw() * callsBetween);
    const before = outside.totalCount;
    while (outside.totalCount < before + wanted) await Promise.race([pause(2), outside.fault.promise]);
    await pause(draw() * 20);
    await processes.kill(Math.floor(draw() * processCount), async () => {
      if (processCount === 1) outside.known = await copiedOutcomes(path, join(folder, `copy-${kill}.db`));
    });
  }
  expect(await Promise.race([processes.end(), outside.fault.promise])).toEqual(
    Array.from({ length: processCount }, () => 0),
  );
  expect((await Promise.all(processes.told)).join('')).toBe('');

  const twice = [...outside.servedCounts.values()].filter((count) => count > 1).length;
  console.log(
    `${processCount} at once: ${runCount} runs, ${killCount} kills, ${outside.totalCount} calls, ` +
      `${twice} of ${outside.servedCounts.size} keys served more than once, ` +
      `${outside.lateCount} too late, seed ${seed}`,
  );
  expect(outside.broken).toEqual([]);
  if (processCount === 1) expect(outside.known.size).toBeGreaterThan(0);
  expect(outside.servedCounts.size).toBe(runCount * callCount);
  for (let item = 0; item < runCount; item += 1) await checkRun(path, item);
});

async function checkRun(path: string, item: number): Promise<void> {
  const runId = runIdOf(item);
  const entries = await journal(path, runId);
  const fold = new RunFold();
  for (const entry of entries) fold.add(entry);
  expect(fold.end, runId).toEqual({ status: 'done' });
  expect((fold.state as { readonly log: unknown }).log, runId).toEqual(expectedLog(item));
  const commits = entries.flatMap((entry) => (entry.kind === 'commit' ? [entry.at] : []));
  expect(commits, runId).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  const effects = entries.filter((entry): entry is EffectEntry => entry.kind === 'effect');
  expect(effects.length, runId).toBe(callCount);
  for (const { name, request, outcome } of effects)
    expect(sameValue(outcome, { kind: 'value', value: answerTo(name, request as readonly number[]) }), runId).toBe(
      true,
    );
}
