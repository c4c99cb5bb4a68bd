// Tasks on workers that are processes: one is killed, one drains, and the run ends as if nothing had happened.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import { exportRun } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { sharedFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { skipReason, startServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { leaseMs, storeAt, wide } from './errand-worker.ts';

const main = new URL('errand-worker.ts', import.meta.url).pathname;
const taskCount = 400;
const taskMs = 50;
const width = 10;
const why = skipReason();
const places = ['SQLite', ...(why === undefined ? ['PostgreSQL'] : [])];
if (why !== undefined) console.log(`the workers of a PostgreSQL server are not killed: ${why}`);

describe.each(places)('tasks on workers that are killed, in %s', (place) => {
  const folder = sharedFolder();
  const workers: ChildProcess[] = [];
  let server: TestServer | undefined;
  let schema = '';
  let count = 0;
  beforeAll(async () => {
    if (place === 'PostgreSQL') server = await startServer();
  });
  afterAll(() => server?.remove());
  afterEach(() => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
  });

  const where = (): string => server?.url ?? join(folder, `${schema}.db`);
  const log = (): string => join(folder, `${schema}.log`);
  const performed = (): readonly string[] =>
    existsSync(log()) ? readFileSync(log(), 'utf8').split('\n').slice(0, -1) : [];

  async function startWorker(): Promise<ChildProcess> {
    const worker = fork(main, [where(), schema, log(), String(width)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    workers.push(worker);
    await once(worker, 'message');
    return worker;
  }

  /** A run over two workers, and what is done to the first of them. */
  async function runWhile(act: (first: ChildProcess, second: ChildProcess) => unknown): Promise<readonly string[]> {
    count += 1;
    schema = `errands_${place.toLowerCase()}_${count}`;
    const store = storeAt(where(), schema);
    await store.list({ limit: 1 });
    const [first, second] = [await startWorker(), await startWorker()];
    await using engine = createEngine(wide(''), { store, leaseMs, maxTasks: 1_000 });
    const running = engine.run({ n: taskCount, ms: taskMs }, { runId: 'run-1' });
    await expect.poll(() => performed().length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(150);
    await act(first, second);
    const run = await running;
    expect(run.status).toBe('done');
    expect(run.state.done).toBe(taskCount * (taskCount - 1));
    const entries = await collected(store.read('run-1'));
    expect(entries.filter(({ kind }) => kind === 'outcome')).toHaveLength(taskCount + 1);
    expect(entries.filter((entry) => entry.kind === 'effect' && entry.type === 'call')).toHaveLength(2 * taskCount);
    const fixture = join(folder, `${schema}.run.jsonl`);
    writeFileSync(fixture, await new Response(exportRun(store, 'run-1')).text());
    expect((await replay(wide(''), fixture)).report.verdict).toBe('same');
    return performed();
  }

  /** How many were performed more than once. */
  function twice(lines: readonly string[]): number {
    const counts = new Map<string, number>();
    for (const line of lines) {
      const what = line.slice(line.indexOf(' ') + 1);
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
    expect(counts.size).toBe(2 * taskCount);
    return [...counts.values()].filter((times) => times > 1).length;
  }

  it('all end, and nothing is performed twice but what was in flight', async () => {
    const lines = await runWhile((first) => first.kill('SIGKILL'));
    expect(twice(lines)).toBeLessThanOrEqual(width);
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(2);
  });

  it('nothing is performed twice where a worker drains', async () => {
    const lines = await runWhile((first) => first.kill('SIGTERM'));
    expect(twice(lines)).toBe(0);
  });
});
