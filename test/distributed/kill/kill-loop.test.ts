// Three workers, which make whole runs and single tasks, two readers and a person, while workers, their server and the way between them are killed, stopped and cut, in
// an order that a seed decides: every run ends, all journals are whole, and readers see each word once.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import { postgresStore } from '../../../src/store/postgres/index.ts';
import { sharedFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';
import { hasPooler, startPooler } from '../pooler.ts';
import type { TestPooler } from '../pooler.ts';
import { startProxy } from '../proxy.ts';
import type { TestProxy } from '../proxy.ts';
import { skipReason, startServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { blowCountMin, strike } from './blows.ts';
import type { Scene } from './blows.ts';
import { allWords, checkJournal, insist, wordsOf } from './busy-runs.ts';
import { busy, effectCount } from './busy-worker.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const blowCount = Number(process.env.REPRISE_KILLS ?? (isLong ? 300 : blowCountMin));
const seed = Number(process.env.REPRISE_SEED ?? 1);
const openRuns = 12;
const schema = 'kills';
const main = new URL('busy-worker.ts', import.meta.url).pathname;
const why = skipReason();

/** The same numbers for the same seed. */
function drawing(from: number): (end: number) => number {
  let state = from;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

const isCancelled = (runId: string): boolean => Number(runId.slice(4)) % 7 === 3;

describe.skipIf(why !== undefined)('runs over three workers', () => {
  const log = join(sharedFolder(), 'performed.txt');
  const workers: ChildProcess[] = [];
  let server: TestServer;
  let pooler: TestPooler | undefined;
  let proxy: TestProxy;
  beforeAll(async () => {
    server = await startServer({ isSafe: true });
    if (hasPooler()) pooler = await startPooler(server);
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await proxy.close();
    await pooler?.stop();
    await server.remove();
  });

  it(`survive ${blowCount} blows of seed ${seed}`, { timeout: isLong ? 3_600_000 : 180_000 }, async () => {
    writeFileSync(log, '');
    const draw = drawing(seed);
    const own = createEngine(busy(log), { store: postgresStore(server.url, { schema }) });
    const through = server.url.replace(String(server.port), String(proxy.port));
    const readers = [own, createEngine(busy(log), { store: postgresStore(through, { schema }) })];
    let begun = 0;
    const startWorker = (): void => {
      // Every third has the pooler between.
      const url = begun++ % 3 === 0 && pooler !== undefined ? pooler.url : through;
      workers.push(spawn(process.execPath, ['--no-warnings', main, url, schema, log], { stdio: 'ignore' }));
    };
    const scene: Scene = {
      server,
      proxy,
      workers,
      pooler,
      draw,
      startWorker,
      restartPooler: async () => {
        if (pooler === undefined) return;
        const { port } = new URL(pooler.url);
        await pooler.stop();
        pooler = await startPooler(server, Number(port));
      },
    };
    for (let worker = 0; worker < 3; worker += 1) startWorker();

    const names: string[] = [];
    const seen = new Map<string, readonly string[]>();
    let open = 0;
    let isStopping = false;
    /** What a person does with a run: pays early or late, answers, and sometimes thinks better of it. */
    const accompany = async (runId: string): Promise<void> => {
      await insist(() => own.enqueue({ name: runId }, { runId, onExisting: 'attach' }));
      const words = Promise.all(readers.map((reader) => wordsOf(reader as never, runId)));
      const cancelAfter = isCancelled(runId) ? draw(8) : undefined;
      let isPaid = false;
      for (let look = 0; ; look += 1) {
        const found = await insist(async () => store.find(runId));
        if (found?.status === 'done' || found?.status === 'cancelled' || found?.status === 'failed') break;
        if (look === cancelAfter) await insist(() => own.cancel(runId, 'thought better of it'));
        if (!isPaid && look === 3) {
          // A signal that was sent twice would be received by nobody: there is one `receive`.
          await insist(() => own.send(runId, 'paid', 44)).catch(overFor(runId));
          isPaid = true;
        }
        for (const question of await insist(() => own.questions(runId)))
          await insist(() => own.answer(runId, question.id, 'yes')).catch(overFor(runId));
        await pause(150);
      }
      seen.set(runId, await words);
    };
    const store = postgresStore(server.url, { schema });
    const accompanied: Promise<void>[] = [];
    const feeding = (async () => {
      while (!isStopping) {
        if (open < openRuns) {
          const runId = `run-${names.length}`;
          names.push(runId);
          open += 1;
          accompanied.push(accompany(runId).finally(() => (open -= 1)));
        } else await pause(20);
      }
    })();
    const struck = new Map<string, number>();
    for (let number = 0; number < blowCount; number += 1) {
      await pause(200 + draw(400));
      const name = await strike(scene, number);
      struck.set(name, (struck.get(name) ?? 0) + 1);
    }
    isStopping = true;
    await feeding;
    await Promise.all(accompanied);

    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    for (const runId of names) {
      const status = (await store.find(runId))?.status;
      expect([runId, status]).toEqual([runId, isCancelled(runId) && status === 'cancelled' ? 'cancelled' : 'done']);
      checkJournal(runId, await collected(store.read(runId)), status === 'cancelled');
      const performed = new Set(lines.filter((line) => line.startsWith(`${runId} `)));
      if (status === 'done') {
        expect(performed.size).toBe(effectCount);
        expect(seen.get(runId)).toEqual([allWords, allWords]);
      }
    }
    const twice = lines.length - new Set(lines).size;
    console.log(
      `${names.length} runs over ${[...struck].map(([name, count]) => `${name} ${count}×`).join(', ')}: ${twice} of ${lines.length} effects performed again`,
    );
    // Only what was under way when its process died or had lost its run.
    expect(twice).toBeLessThanOrEqual(blowCount * openRuns);
    await store.close();
    for (const reader of readers) await reader.close();
  });
});

/** The run has ended, or was answered, while the call was tried again. Only a cancel takes a question away. */
function overFor(runId: string): (thrown: unknown) => void {
  const codes = [
    'run-ended',
    'question-answered',
    'question-unknown',
    ...(isCancelled(runId) ? ['question-expired'] : []),
  ];
  return (thrown) => {
    if (!codes.includes(String((thrown as { readonly code?: unknown }).code))) throw thrown;
  };
}
