// Workers that die, a way to the server that is cut and goes silent, and a server that is stopped: nothing of a run is lost,
// nothing is in its journal twice, and every run ends.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventsUpTo, runEntry } from '../../src/explore/store/law-entries.ts';
import { createEngine, fields, graph, text } from '../../src/index.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { startProxy } from './proxy.ts';
import type { TestProxy } from './proxy.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';
import { leaseMs, stepCount, steps } from './worker-main.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const runCount = 15;
const workerCount = 3;
const main = new URL('worker-main.ts', import.meta.url).pathname;
const why = skipReason();
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Scene {
  readonly server: TestServer;
  readonly proxy: TestProxy;
  readonly workers: ChildProcess[];
  startWorker(): void;
}

const blows: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'a worker is killed': async ({ workers, startWorker }) => {
    workers[0]?.kill('SIGKILL');
    await pause(100);
    startWorker();
  },
  'connections are cut': async ({ proxy }) => {
    for (let time = 0; time < 10; time += 1) {
      proxy.cut();
      await pause(30);
    }
  },
  'a worker is stopped for longer than its lease': async ({ workers }) => {
    workers[1]?.kill('SIGSTOP');
    await pause(leaseMs + 500);
    workers[1]?.kill('SIGCONT');
  },
  'the server crashes': async ({ server }) => {
    await server.stop('immediate');
    await pause(200);
    await server.start();
  },
};

describe.skipIf(why !== undefined)('runs over three workers', () => {
  const folder = sharedFolder();
  const workers: ChildProcess[] = [];
  let server: TestServer;
  let proxy: TestProxy;
  let count = 0;
  beforeAll(async () => {
    server = await startServer({ isSafe: true });
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await proxy.close();
    await server.remove();
  });

  async function survive(blow: (scene: Scene) => Promise<void>): Promise<number> {
    const schema = `kill_${count++}`;
    const log = join(folder, `${schema}.txt`);
    writeFileSync(log, '');
    const store = postgresStore(server.url, { schema });
    const engine = createEngine(steps(log), { store });
    const names = Array.from({ length: runCount }, (_unused, index) => `run-${index}`);
    for (const name of names) await engine.enqueue({ name }, { runId: name });
    const url = server.url.replace(String(server.port), String(proxy.port));
    const startWorker = (): void => {
      workers.push(spawn(process.execPath, ['--no-warnings', main, url, schema, log], { stdio: 'ignore' }));
    };
    for (let worker = 0; worker < workerCount; worker += 1) startWorker();
    const performed = (): readonly string[] => readFileSync(log, 'utf8').split('\n').filter(Boolean);
    while (performed().length < runCount) await pause(20);
    await blow({ server, proxy, workers, startWorker });
    for (let tries = 0; (await store.list({ status: 'done' })).length < runCount; tries += 1) {
      if (tries > 600) throw new Error(`not all runs have ended: ${JSON.stringify(await store.list({}))}`);
      await pause(50);
    }
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    for (const name of names) checkJournal(await collected(store.read(name)));
    // Every effect was performed, and again only what was under way when its process died or had lost its run.
    const lines = performed();
    expect(new Set(lines).size).toBe(runCount * stepCount);
    await engine.close();
    return lines.length - runCount * stepCount;
  }

  it('tell readers elsewhere that they grow, and do so again after the connection was cut', async () => {
    const schema = `kill_${count++}`;
    const writer = postgresStore(server.url, { schema });
    const reader = postgresStore(server.url.replace(String(server.port), String(proxy.port)), { schema });
    const lease = await writer.create(runEntry('run-1'));
    const other = await writer.create(runEntry('run-2'));
    let told = 0;
    const watch = reader.watch?.({ runId: 'run-1' }, () => {
      told += 1;
    });
    await vi.waitFor(() => expect(watch?.isLive).toBe(true), { timeout: 20_000 });
    told = 0;
    await writer.append(other, eventsUpTo(1));
    await pause(50);
    expect(told).toBe(0);
    await writer.append(lease, eventsUpTo(1));
    await vi.waitFor(() => expect(told).toBe(1), { timeout: 20_000 });
    proxy.cut();
    const again = async (): Promise<void> => {
      const before = told;
      await writer.append(lease, eventsUpTo(1));
      await pause(100);
      expect(told).toBeGreaterThan(before);
      expect(watch?.isLive).toBe(true);
    };
    await vi.waitFor(again, { timeout: 20_000 });
    watch?.stop();
    await reader.close();
    await writer.close();
  });

  it('are read elsewhere with few statements while nothing grows', async () => {
    const schema = `kill_${count++}`;
    const words = graph('words', { state: fields({ text: text() }) })
      .node('say', async function* () {
        yield { text: 'one ' };
        await pause(2_500);
        yield { text: 'two' };
      })
      .start('say')
      .build();
    const writing = createEngine(words, { store: postgresStore(server.url, { schema }) });
    const pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => undefined);
    const query = pool.query.bind(pool) as (...given: unknown[]) => unknown;
    let asked = 0;
    Object.assign(pool, {
      query: (...given: unknown[]) => {
        asked += 1;
        return query(...given);
      },
    });
    const store = postgresStore(pool, { schema });
    const reading = createEngine(words, { store });
    const written = writing.run({}, { runId: 'run-1' });
    await vi.waitFor(async () => expect(await store.find('run-1')).toBeDefined(), { timeout: 20_000 });
    const seen: string[] = [];
    const counts: number[] = [];
    for await (const item of reading.read('run-1')) {
      if (item.kind !== 'chunk') continue;
      seen.push(String((item.chunk as { text: string }).text));
      counts.push(asked);
    }
    expect((await written).status).toBe('done');
    expect(seen).toEqual(['one ', 'two']);
    // Twenty looks a second would be well over a hundred.
    const quiet = (counts[1] ?? 0) - (counts[0] ?? 0);
    console.log(`a reader asked ${quiet} times in 2.5 seconds in which nothing grew`);
    expect(quiet).toBeLessThan(40);
    await reading.close();
    await writing.close();
    await pool.end();
  });

  it.each(Object.entries(blows))('lose nothing when %s', async (_name, blow) => {
    for (let round = 0; round < (isLong ? 10 : 1); round += 1)
      expect(await survive(blow)).toBeLessThanOrEqual(2 * runCount);
  });
});

/** It is whole: each step is committed once, in order, with one effect, and the run ends once. */
function checkJournal(entries: readonly Entry[]): void {
  const of = (kind: Entry['kind']): readonly string[] =>
    entries.filter((entry) => entry.kind === kind).map(({ at }) => at);
  expect(of('run')).toHaveLength(1);
  expect(of('commit')).toEqual(Array.from({ length: stepCount + 1 }, (_unused, step) => String(step)));
  expect(new Set(of('effect')).size).toBe(of('effect').length);
  expect(of('effect')).toHaveLength(stepCount);
  expect(of('end')).toHaveLength(1);
  expect(entries.at(-1)?.kind).toBe('end');
}
