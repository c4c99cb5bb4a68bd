// The laws of stores over PostgreSQL: over the package pg with a server of the tests' own, over a pooler, and in the process.
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
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
} from '../../src/explore/index.ts';
import type { StoreLaw } from '../../src/explore/index.ts';
import { runEntry } from '../../src/explore/store/law-entries.ts';
import { openedStore } from '../../src/store/postgres/postgres-store.ts';
import { postgresSettings } from '../../src/store/postgres/options.ts';
import { schemaPlaces } from './places.ts';
import { hasPooler, startPooler } from './pooler.ts';
import type { TestPooler } from './pooler.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const laws = [
  ...storeLaws,
  ...storePruningLaws,
  ...storeChangeLaws,
  ...storeCheckpointLaws,
  ...storeClaimingLaws,
  ...storeWorkerLaws,
  ...storeErrandLaws,
  ...storeRecordingLaws,
].filter(isAboutStores);

/** The clock of a server is its own. */
function isAboutStores({ name }: StoreLaw): boolean {
  return !name.startsWith('after its clock was set back');
}

/** Those that a driver or a pooler could break; a long run checks all. */
const otherLaws = isLong
  ? laws
  : laws.filter(({ name }) =>
      /special names|repeated|of concurrent|lost lease|messages to a run|claim at once|large and deep|several owners|dropped meanwhile|keeps its chunks|a round /.test(
        name,
      ),
    );

const why = skipReason();
if (why !== undefined) console.log(`the laws over a PostgreSQL server are skipped: ${why}`);

describe.skipIf(why !== undefined)('the laws of stores', () => {
  let server: TestServer;
  let pooler: TestPooler | undefined;
  const pools: Partial<Record<'server' | 'pooler', pg.Pool>> = {};
  beforeAll(async () => {
    server = await startServer();
    pools.server = poolOf(server.url);
    if (!hasPooler()) return;
    pooler = await startPooler(server);
    pools.pooler = poolOf(pooler.url);
  });
  afterAll(async () => {
    for (const pool of Object.values(pools)) await pool.end();
    await pooler?.stop();
    await server.remove();
  });

  it.each(laws)('PostgreSQL: $name', ({ check }) =>
    check(schemaPlaces(pools.server as pg.Pool), { numRuns: isLong ? 500 : 4 }),
  );
  it.skipIf(why === undefined && !hasPooler()).each(otherLaws)('pgbouncer: $name', ({ check }) =>
    check(schemaPlaces(pools.pooler as pg.Pool), { numRuns: isLong ? 200 : 3 }),
  );
});

describe('the laws of stores, in the process', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
  });
  afterAll(() => database.close());

  it.each(otherLaws)('$name', ({ check }) => check(schemaPlaces(database), { numRuns: isLong ? 100 : 2 }));

  it('a run that a message wakes says when, in whole milliseconds', async () => {
    const store = openedStore(database, postgresSettings(database, { schema: 'whole' }), 'server');
    const signal = { kind: 'signal', name: 'go', value: null, time: 1 } as const;
    // The clock of the server has microseconds: one of these would show them.
    for (let number = 0; number < 20; number += 1) {
      for (const [runId, seen] of [
        [`before ${number}`, 0],
        [`after ${number}`, 1],
      ] as const) {
        const lease = await store.create(runEntry(runId));
        if (seen === 0) await store.send(runId, signal);
        await store.release(lease, { status: 'paused', seen: 0 });
        if (seen === 1) await store.send(runId, signal);
        expect((await store.find(runId))?.wakeAt).toSatisfy(Number.isInteger);
      }
    }
  });
});

function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 6 });
  pool.on('error', () => undefined);
  return pool;
}
