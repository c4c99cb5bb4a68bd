// Two releases on one database at once: a later one brings the tables up to date while workers of this one drive runs, and
// both go on. The later one is this one with a migration of the test's own.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import { postgresStore } from '../../../src/store/postgres/index.ts';
import { givenPool } from '../../../src/store/postgres/server/pool.ts';
import { migrations, prepareSchema } from '../../../src/store/postgres/server/schema.ts';
import type { Migration } from '../../../src/store/postgres/server/schema.ts';
import { collected } from '../../support/journals.ts';
import { sharedFolder } from '../../support/folder.ts';
import { checkJournal } from '../kill/busy-runs.ts';
import { busy } from '../kill/busy-worker.ts';
import { skipReason, startServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const schema = 'releases';
const why = skipReason();
const expanding: Migration = {
  oldest: 1,
  text: (s) => `
ALTER TABLE ${s}.run ADD COLUMN region text NOT NULL DEFAULT '';
CREATE TABLE ${s}.region (name text PRIMARY KEY);`,
};
const contracting: Migration = { oldest: 2, text: (s) => `DROP TABLE ${s}.region;` };

describe.skipIf(why !== undefined)('two releases on one database', () => {
  const log = join(sharedFolder(), 'performed.txt');
  const main = new URL('../kill/busy-worker.ts', import.meta.url).pathname;
  const workers: ChildProcess[] = [];
  let server: TestServer;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 6 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await pool.end();
    await server.remove();
  });

  const startWorker = (): ChildProcess => {
    const worker = spawn(process.execPath, ['--no-warnings', main, server.url, schema, log], { stdio: 'ignore' });
    workers.push(worker);
    return worker;
  };
  /** As a store does it: while a table is in use, it is tried again. `tried`: the codes that it has met. */
  const migrated = async (name: string, tried: string[] = []): Promise<void> => {
    for (;;) {
      try {
        await prepareSchema(givenPool(pool), { schema: name, mode: 'write' }, 'the server', [...migrations, expanding]);
        return;
      } catch (thrown) {
        const { code } = thrown as { readonly code?: unknown };
        if (code !== '55P03') throw thrown;
        tried.push(code);
        await pause(50);
      }
    }
  };

  it('lose no run and leave none behind, while one brings the tables up to date and workers come and go', async () => {
    const engine = createEngine(busy(log), { store: postgresStore(pool, { schema }) });
    const store = postgresStore(pool, { schema });
    await store.list({ limit: 1 });
    const first = startWorker();
    startWorker();
    const names = Array.from({ length: 24 }, (_unused, index) => `run-${index}`);
    const until = async (runId: string): Promise<void> => {
      await engine.enqueue({ name: runId }, { runId });
      await engine.send(runId, 'paid', 44);
      for (;;) {
        const status = (await store.find(runId))?.status;
        if (status === 'done' || status === 'failed') return;
        for (const { id } of await engine.questions(runId))
          await engine.answer(runId, id, 'yes').catch(() => undefined);
        await pause(100);
      }
    };
    const running = names.map(async (runId, index) => {
      await pause(index * 150);
      await until(runId);
    });
    await pause(800);
    await migrated(schema);
    // Forward and back: whatever starts from here on is of the release before.
    startWorker();
    first.kill('SIGTERM');
    await Promise.all(running);
    for (const runId of names) {
      expect([runId, (await store.find(runId))?.status]).toEqual([runId, 'done']);
      checkJournal(runId, await collected(store.read(runId)), false);
    }
    await engine.close();
  });

  it('wait for a table no longer than a second, and try again', async () => {
    const other = `${schema}_locked`;
    const store = postgresStore(pool, { schema: other });
    await store.list({ limit: 1 });
    const reader = await pool.connect();
    const tried: string[] = [];
    try {
      await reader.query('BEGIN');
      await reader.query(`SELECT count(*) FROM ${other}.run`);
      const done = migrated(other, tried);
      // While it waits for the reader, and gives up, others read.
      let finds = 0;
      for (; tried.length < 2; await pause(20)) {
        await store.find('nobody');
        finds += 1;
      }
      await reader.query('COMMIT');
      await done;
      expect(finds).toBeGreaterThan(1);
    } finally {
      reader.release();
    }
  });

  it('are one too many once the later one has taken away what the one before needs', async () => {
    const other = `${schema}_contracted`;
    const own = givenPool(pool);
    const prepared = (...added: readonly Migration[]): Promise<void> =>
      prepareSchema(own, { schema: other, mode: 'write' }, 'the server', [...migrations, ...added]);
    await prepared(expanding);
    await prepared();
    await prepared(expanding, contracting);
    await prepared(expanding);
    await expect(prepared()).rejects.toMatchObject({ code: 'store-version-unknown' });
  });
});
