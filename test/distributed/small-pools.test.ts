// Stores that share a small pool of the user's: there is always a connection for what they ask.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, sum } from '../../src/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const why = skipReason();

const counter = graph('counter', { state: fields({ count: sum() }) })
  .node('add', async (_state, { effect }) => ({ delta: { count: await effect('one', {}, async () => 1) } }))
  .edge('add', 'add', { when: ({ count }) => count < 5 })
  .start('add')
  .build();

describe.skipIf(why !== undefined)('stores over one pool', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.remove());

  /** Two processes that are one here: one works, the other enqueues a run and reads it to its end. */
  async function worked(pool: pg.Pool, schema: string): Promise<string> {
    const working = createEngine(counter, { store: postgresStore(pool, { schema }) });
    const reading = createEngine(counter, { store: postgresStore(pool, { schema }) });
    const worker = working.work({ pollMs: 100 });
    await reading.enqueue({}, { runId: 'run-1' });
    let end = 'without an end';
    for await (const item of reading.read('run-1')) if (item.kind === 'done') end = item.run.status;
    await worker.stop();
    await working.close();
    await reading.close();
    return end;
  }

  it.each([1, 2, 3, 6])('of %i connections work, however many they are', async (max) => {
    const pool = new pg.Pool({ connectionString: server.url, max });
    pool.on('error', () => undefined);
    const stores = Array.from({ length: max + 2 }, (_unused, index) => `small_${max}_${index}`);
    expect(await Promise.all(stores.map((schema) => worked(pool, schema)))).toEqual(stores.map(() => 'done'));
    expect(pool.totalCount).toBeLessThanOrEqual(max);
    await pool.end();
  });

  it('listen over one connection', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 6 });
    pool.on('error', () => undefined);
    const watching = Array.from({ length: 4 }, (_unused, index) =>
      postgresStore(pool, { schema: `listen_${index % 2}` }),
    );
    const heard = watching.map(() => 0);
    const watches = watching.map((store, index) =>
      store.watch?.({ dueOf: 'counter' }, () => {
        heard[index] = (heard[index] ?? 0) + 1;
      }),
    );
    const listeners = async (): Promise<number> => {
      const { rows } = await pool.query<{ readonly count: string }>(
        `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%LISTEN %' AND query NOT LIKE '%pg_stat_activity%'`,
      );
      return Number(rows[0]?.count);
    };
    await expect.poll(() => watches.every((watch) => watch?.isLive === true), { timeout: 60_000 }).toBe(true);
    expect(await listeners()).toBe(1);
    heard.fill(0);
    const engine = createEngine(counter, { store: postgresStore(server.url, { schema: 'listen_0' }) });
    await engine.enqueue({}, { runId: 'run-1' });
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual([1, 0, 1, 0]);
    // Who stops takes no other with it.
    watches[0]?.stop();
    await watching[0]?.close();
    await engine.enqueue({}, { runId: 'run-2' });
    await expect.poll(() => heard, { timeout: 60_000 }).toEqual([1, 0, 2, 0]);
    await engine.close();
    for (const store of watching) await store.close();
    await expect.poll(listeners, { timeout: 60_000 }).toBe(0);
    await pool.end();
  });
});
