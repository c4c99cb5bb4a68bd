// Laws of stores while a later release adds columns to all tables that this one has prepared statements for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  storeChangeLaws,
  storeCheckpointLaws,
  storeClaimingLaws,
  storeErrandLaws,
  storeLaws,
  storePruningLaws,
  storeRecordingLaws,
  storeWorkerLaws,
} from '../../../src/explore/index.ts';
import { ExpandingPool } from './expanding-pool.ts';
import { schemaPlaces } from '../places.ts';
import { skipReason, startServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const laws = [
  ...storeLaws,
  ...storePruningLaws,
  ...storeChangeLaws,
  ...storeCheckpointLaws,
  ...storeClaimingLaws,
  ...storeWorkerLaws,
  ...storeErrandLaws,
  ...storeRecordingLaws,
].filter(({ name }) => !/^after its clock was set back|^a journal is read as it was written/.test(name));
const why = skipReason();

describe.skipIf(why !== undefined)('while columns are added', () => {
  let server: TestServer;
  let pool: ExpandingPool;
  beforeAll(async () => {
    server = await startServer();
    pool = new ExpandingPool(server.url);
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  it.each(laws)('$name', ({ check }) => check(schemaPlaces(pool), { numRuns: 1 }));

  it('most statements were asked for again', () => {
    expect(pool.expanded.size).toBeGreaterThan(60);
  });

  it('a statement that asks for all columns of a table fails', async () => {
    const asked = { name: '"all".rows', text: 'SELECT * FROM "all".run', values: [] };
    await pool.query('CREATE SCHEMA "all"');
    await pool.query('CREATE TABLE "all".run (number int)');
    await pool.query(asked);
    await expect(pool.query(asked)).rejects.toMatchObject({ code: '0A000' });
  });
});
