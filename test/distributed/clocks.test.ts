// Machines whose clocks are apart over a server: time limits are reckoned by its clock.
import { AssertionError } from 'node:assert';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { clocksLaws, timelessStore } from '../support/clocks-apart.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const why = skipReason();

describe.skipIf(why !== undefined)('on machines whose clocks are an hour apart', () => {
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 6 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  it.each(clocksLaws)('$name', async ({ check }) => {
    const schema = `clocks_${count++}`;
    await check({ open: () => postgresStore(pool, { schema }) });
  });

  it.each(clocksLaws)('without the clock of the server it is not so that $name', async ({ check }) => {
    const schema = `clocks_${count++}`;
    await expect(check({ open: () => timelessStore(postgresStore(pool, { schema })) })).rejects.toThrow(AssertionError);
  });

  it('the store tells the time of the server', async () => {
    const schema = `clocks_${count++}`;
    const store = postgresStore(pool, { schema });
    const before = Date.now();
    const time = await store.time?.();
    expect(time).toBeGreaterThanOrEqual(before - 5);
    expect(time).toBeLessThanOrEqual(Date.now() + 5);
    await store.close();
  });
});
