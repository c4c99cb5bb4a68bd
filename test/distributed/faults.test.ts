// What a store on a server keeps beyond the laws of all stores, and that each of these laws catches a store which does not.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import type { Engine } from '../../src/index.ts';
import { eventsUpTo, runEntry } from '../../src/explore/store/law-entries.ts';
import type { PrunableStore } from '../../src/port/store.ts';
import { postgresSettings } from '../../src/store/postgres/options.ts';
import { openedStore, postgresStore } from '../../src/store/postgres/postgres-store.ts';
import type { PostgresPool } from '../../src/store/postgres/server/pool.ts';
import type { StoreClock } from '../../src/store/postgres/server/store-clock.ts';
import { changedStore } from '../support/changed-store.ts';
import { bundleLaws } from './bundle-laws.ts';
import { deletingLaws } from './deleting-laws.ts';
import { goneLaws } from './gone-laws.ts';
import { lateLaws } from './late-laws.ts';
import { hasPooler, startPooler } from './pooler.ts';
import { mutantPool } from './pools.ts';
import type { TextMutant } from './pools.ts';
import { rangeLaws } from './range-laws.ts';
import { serverLaws } from './server-laws.ts';
import type { ServerLaw, ServerPlace } from './server-laws.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';
import { untilIdle } from './waiting.ts';

interface Broken {
  /** The beginning of the name of the law that catches it. */
  readonly law: string;
  /** Its statements differ. */
  readonly texts?: readonly TextMutant[];
  /** For a process whose clock is so far ahead. */
  readonly clock?: (aheadMs: number) => StoreClock;
  readonly changed?: (store: PrunableStore) => PrunableStore;
}

const laws = [...serverLaws, ...deletingLaws, ...lateLaws, ...goneLaws, ...bundleLaws, ...rangeLaws];

const naiveAppend: readonly TextMutant[] = [
  { find: ' AND r.last = w.expected', replace: '' },
  {
    find: 'AS at, w.* FROM',
    replace:
      'AS at, w.id, w.token, r.last AS expected, w.n, w.step, w.time, w.ended, w.progress, w.length, w.checkpoint, w.i FROM',
  },
  { find: ' AND r.last = $3::int', replace: '' },
  { find: 'last = $3::int + $4::int', replace: 'last = r.last + $4::int' },
  {
    find: 'AS at, $3::int AS expected',
    replace: 'AS at, r.last - $4::int + 0 * $3::int AS expected',
  },
];

const anyToken: TextMutant = { find: ' AND r.token = $9::bigint', replace: ' AND $9::bigint IS NOT NULL' };

const sweptAtOnce: readonly TextMutant[] = [
  {
    find: 'INSERT INTO "SCHEMA".dropped (run, rows_at) SELECT number, at FROM gone RETURNING run',
    replace: `, entries AS (DELETE FROM "SCHEMA".entry e USING gone WHERE e.run = gone.number),
      messages AS (DELETE FROM "SCHEMA".message m USING gone WHERE m.run = gone.number)
      SELECT number AS run FROM gone`,
  },
];

const brokenStores: Readonly<Record<string, Broken>> = {
  'looks only at the claim of the owner when it takes a run': {
    law: 'a take that waits',
    texts: [{ find: 'coalesce(r.until, 0)', replace: '0' }, anyToken],
  },
  'takes a run that has changed hands since': {
    law: 'a take that comes after its repetition',
    texts: [anyToken],
  },
  'keeps what a late claim has taken': {
    law: 'what a claim takes that comes late',
    texts: [{ find: 'r.nonce = ANY ($2::uuid[])', replace: 'r.nonce = ANY ($2::uuid[]) AND false' }],
  },
  'gives back what its caller has, too': {
    law: 'what a claim takes that comes late',
    texts: [{ find: 'AND r.token <> ALL ($3::bigint[])', replace: 'AND $3::bigint[] IS NOT NULL' }],
  },
  'gives back what it is claiming': {
    law: 'what a claim has taken whose answer',
    texts: [{ find: 'AND r.nonce <> ALL ($3::uuid[])', replace: 'AND $3::uuid[] IS NOT NULL' }],
  },
  'keeps what nobody knows that it has when it renews': {
    law: 'runs whose taker never heard that it has them are given back before the next renew',
    texts: [{ find: 'r.nonce = ANY ($2::uuid[])', replace: 'r.nonce = ANY ($2::uuid[]) AND false' }],
  },
  'keeps what nobody knows that it has when it claims': {
    law: 'runs whose taker never heard that it has them are given back before the next claimDue',
    texts: [{ find: 'r.nonce = ANY ($2::uuid[])', replace: 'r.nonce = ANY ($2::uuid[]) AND false' }],
  },
  'looks for unseen messages beside the row of the run': {
    law: 'a message that is sent while',
    texts: [
      {
        find: 'CASE WHEN r.inbox_last <> $5::int THEN',
        replace:
          'CASE WHEN (SELECT true FROM "SCHEMA".message m WHERE m.run = r.number AND m.number > $5::int LIMIT 1) THEN',
      },
    ],
  },
  'lets several take a run': {
    law: 'of four that take',
    texts: [{ find: 'AND ($2::text IS NULL OR', replace: 'AND (true OR $2::text IS NULL OR' }],
  },
  'reckons by the clock of each process': {
    law: 'processes whose clocks are an hour apart',
    clock: (aheadMs) => () => Date.now() + aheadMs,
  },
  'follows from the last transaction that it has seen': {
    law: 'a run whose end is committed late',
    texts: [{ find: 'pg_snapshot_xmin(', replace: 'pg_snapshot_xmax(' }],
  },
  'counts the runs of tenants as they were before it waited for others': {
    law: 'a claim that looks at the limit of tenants',
    texts: [{ find: 'LANGUAGE plpgsql VOLATILE AS $served$', replace: 'LANGUAGE plpgsql STABLE AS $served$' }],
  },
  'fails all for one': {
    law: 'of runs that are written together, only',
    changed: (store) => {
      let group: Promise<unknown>[] = [];
      return changedStore(store, {
        append: async (...given) => {
          const own = Promise.resolve(store.append(...given));
          group.push(own);
          const together = group;
          own.catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 50));
          group = [];
          await Promise.all(together);
          return own;
        },
      });
    },
  },
  'appends wherever the journal ends': { law: 'a server that went back', texts: naiveAppend },
  'repeats an append that was written': {
    law: 'after an answer was lost at any statement it is the same: a run that is begun',
    texts: naiveAppend,
  },
  'repeats an append of several that was written': {
    law: 'after an answer was lost at any statement it is the same: runs that are written',
    texts: naiveAppend,
  },
  'takes its own run for that of another': {
    law: 'after an answer was lost at any statement it is the same: a run that is queued',
    texts: [
      {
        find: '1048576)::bigint), $4::uuid,',
        replace: '1048576)::bigint), coalesce(gen_random_uuid(), $4::uuid),',
      },
    ],
  },
  'does not know its own end': {
    law: 'after an answer was lost at any statement it is the same: a run that ends',
    texts: [{ find: 'past = CASE WHEN $7::text IS NULL THEN r.past ELSE r.token END', replace: 'past = 0' }],
  },
  'sends a message again': {
    law: 'after an answer was lost at any statement it is the same: a run that rests',
    texts: [
      { find: 'AND m.nonce = $2::uuid)', replace: 'AND m.nonce = $2::uuid AND false)' },
      {
        find: '$3::text, $2::uuid FROM receiver',
        replace: '$3::text, coalesce(gen_random_uuid(), $2::uuid) FROM receiver',
      },
    ],
  },
  'does not know what it has deleted': {
    law: 'after an answer was lost at any statement it is the same: a run that is deleted',
    texts: [{ find: 'SELECT number, at FROM gone RETURNING run', replace: 'SELECT number, at FROM gone' }],
  },
  'sweeps in the statement that deletes': {
    law: 'a run that is deleted while somebody writes leaves nothing behind: its entries',
    texts: sweptAtOnce,
  },
  'lets parts be added while it deletes': {
    law: 'a run that is deleted while somebody writes leaves nothing behind: parts',
    texts: [{ find: 'AND r.token = $2 FOR KEY SHARE', replace: 'AND r.token = $2' }],
  },
  'lets labels be added while it deletes': {
    law: 'a run that is deleted while somebody writes leaves nothing behind: a label',
    texts: [{ find: 'WHERE id = $1 FOR KEY SHARE', replace: 'WHERE id = $1' }],
  },
  'sweeps messages in the statement that deletes': {
    law: 'a run that is deleted while somebody writes leaves nothing behind: a message',
    texts: sweptAtOnce,
  },
  'makes no range ahead': {
    law: 'a range is made before',
    texts: [
      {
        find: 'NOT EXISTS (SELECT 1 FROM "SCHEMA".run_range g WHERE g.first > number) AS near',
        replace: 'false AS near',
      },
    ],
  },
  'makes ranges as whoever asks': {
    law: 'whoever may write runs makes ranges',
    texts: [{ find: 'SECURITY DEFINER', replace: 'SECURITY INVOKER' }],
  },
  'moves no parts': {
    law: 'a run that stays while its range is dropped',
    texts: [{ find: 'p WHERE p.run = from_at', replace: 'p WHERE p.run = from_at AND false' }],
  },
  'moves rows to where no range may be': {
    law: 'runs that stay are moved into a range',
    texts: [{ find: ') THEN PERFORM', replace: ') AND false THEN PERFORM' }],
  },
  'waits for nobody who writes to a run whose rows it moves': {
    law: 'what is written to a run while its rows are moved',
    texts: [{ find: ' = from_at FOR UPDATE', replace: ' = from_at' }],
  },
  'looks only once for runs in a range': {
    law: 'a range in which a run begins',
    texts: [{ find: 'is there by now.\n  IF EXISTS', replace: 'is there by now.\n  IF false AND EXISTS' }],
  },
  'forgets what it has claimed': {
    law: 'after an answer was lost at any statement it is the same: runs that are claimed',
    texts: [
      {
        find: 'WHERE r.owner = $1 AND r.nonce = $2::uuid ORDER',
        replace: 'WHERE r.owner = $1 AND r.nonce = $2::uuid AND false ORDER',
      },
    ],
  },
  'refuses a part that is there': {
    law: 'after an answer was lost at any statement it is the same: a large value',
    texts: [{ find: 'ON CONFLICT DO NOTHING)', replace: ')' }],
  },
  'gives a token out again': {
    law: 'a lease is none once the take',
    texts: [{ find: ' + floor(random() * 1048576)::bigint', replace: '' }],
  },
  'keeps what it has again': {
    law: 'a run that its owner has ended, and has again',
    texts: [
      { find: 'r.token = ANY ($2::bigint[]) RETURNING', replace: 'false AND r.token = ANY ($2::bigint[]) RETURNING' },
    ],
  },
  'takes parts that it once wrote for there': {
    law: 'entries whose parts are gone',
    texts: [
      {
        find: 'AND (SELECT count(*) FROM "SCHEMA".part p WHERE p.run = $12::bigint AND p.digest = ANY ($11::text[])) = cardinality',
        replace: 'AND $12::bigint IS NOT NULL AND $11::text[] = coalesce',
      },
    ],
  },
  'counts what it puts': {
    law: 'what is put late overwrites nothing',
    texts: [
      {
        find: 'SELECT $3::uuid, number FROM locked',
        replace:
          'SELECT coalesce(md5((SELECT count(*) FROM "SCHEMA".bundle)::text)::uuid, $3::uuid), number FROM locked',
      },
    ],
  },
  'takes a bundle that it once began for known': {
    law: 'what a run names goes with it',
    texts: [{ find: 'l ON l.i = b.i ON CONFLICT', replace: 'l ON l.i = b.i AND false ON CONFLICT' }],
  },
  'does not know the bundle that it has begun': {
    law: 'after an answer was lost at any statement, nothing of a large value',
    texts: [
      {
        find: 'FROM locked ON CONFLICT (id) DO UPDATE SET run = excluded.run',
        replace: 'FROM locked ON CONFLICT DO NOTHING',
      },
    ],
  },
  'reads whatever has the number of a run': {
    law: 'of a run whose number another one has',
    texts: [{ find: 'r.number = $1 AND r.id = $5', replace: 'r.number = $1 AND $5::text IS NOT NULL' }],
  },
  'takes the checkpoint of whatever has the number of a run': {
    law: 'a checkpoint is that of its run',
    texts: [{ find: 'r.number = $4 AND r.id = $5', replace: 'r.number = $4 AND $5::text IS NOT NULL' }],
  },
  'deletes whatever has the number of a run': {
    law: 'a run is not deleted for another one',
    texts: [{ find: 'AND r.id = ANY ($5::text[])', replace: 'AND $5::text[] IS NOT NULL' }],
  },
  'takes the entries of whatever has the number of an errand': {
    law: 'the journal of an errand is its own',
    texts: [{ find: 'ON r.number = w.number AND r.id = w.id', replace: 'ON r.number = w.number' }],
  },
  'takes all messages up to a number for seen': {
    law: 'a run that has seen messages which are gone',
    texts: [{ find: 'r.inbox_last <> $5::int', replace: 'r.inbox_last > $5::int' }],
  },
  'waits until it comes to where a follower is': {
    law: 'a follower that was further',
    texts: [
      { find: 'AND $1::text::xid8 > pg_snapshot_xmax', replace: 'AND false AND $1::text::xid8 > pg_snapshot_xmax' },
    ],
  },
  'makes its tables twice': {
    law: 'tables are made',
    texts: [
      { find: 'CREATE SCHEMA IF NOT EXISTS', replace: 'CREATE SCHEMA' },
      { find: 'CREATE TABLE IF NOT EXISTS', replace: 'CREATE TABLE' },
    ],
  },
};

const why = skipReason();
if (why !== undefined) console.log(`the laws of stores on a server are skipped: ${why}`);

describe.skipIf(why !== undefined)('a store on a server', () => {
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 12 });
    pool.on('error', () => undefined);
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  async function checked(
    { check }: ServerLaw,
    { texts, clock = () => 'server', changed }: Omit<Broken, 'law'> = {},
  ): Promise<void> {
    const schema = `fault_${count++}`;
    const mutants = texts?.map(({ find, replace }) => ({
      find: find.replaceAll('SCHEMA', schema),
      replace: replace.replaceAll('SCHEMA', schema),
    }));
    const place: ServerPlace = {
      pool,
      schema,
      open(given = pool, options = {}, aheadMs = 0) {
        const over = mutants === undefined ? given : mutantPool(given, mutants);
        const store = openedStore(over, postgresSettings(over, { ...options, schema }), clock(aheadMs));
        return changed === undefined ? store : changed(store);
      },
    };
    try {
      await check(place);
    } finally {
      // A range that nobody waits for may be in the making.
      await untilIdle(pool);
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
  }

  it.each(laws)('$name', (law) => checked(law));

  it('is caught by each of these laws if it breaks it', () => {
    const caught = Object.values(brokenStores).map(({ law }) => law);
    expect(laws.filter(({ name }) => !caught.some((law) => name.startsWith(law)))).toEqual([]);
  });

  it.each(Object.entries(brokenStores))('is caught if it %s', async (_name, { law: part, ...broken }) => {
    const caughtBy = laws.filter(({ name }) => name.startsWith(part));
    expect(caughtBy.map(({ name }) => name)).toHaveLength(1);
    const caught = checked(caughtBy[0] as ServerLaw, broken).then(
      () => 'kept',
      (thrown: unknown) => `broken: ${String(thrown).slice(0, 300)}`,
    );
    expect(await caught).toMatch(/^broken/);
    // By what it does: a statement that no server understands would be caught by any law.
    expect(await caught).not.toMatch(/syntax error|bind message|data type of parameter|does not exist|not allowed in/);
  });

  it('says what about its server is unsafe, and how far the clocks are apart', async () => {
    const store = postgresStore(server.url, { schema: `fault_${count++}` });
    const told = async (now: () => number): Promise<readonly string[]> =>
      (await store.check(now)).map(({ level, text }) => `${level} ${text.slice(0, 40)}`);
    const unsafe = await told(Date.now);
    expect(unsafe.map((text) => text.split(' = ')[0])).toEqual([
      'unsafe fsync',
      'unsafe full_page_writes',
      'unsafe synchronous_commit',
    ]);
    for (const aheadMs of [-3_600_000, 3_600_000]) {
      const last = (await store.check(() => Date.now() + aheadMs)).at(-1);
      expect(last?.level).toBe('note');
      expect(last?.text).toMatch(/^its clock and that of this machine are 3\d{3} s apart/);
    }
    await store.close();
  });

  it.skipIf(!hasPooler())('says which settings of the address a pooler loses', async () => {
    const pooler = await startPooler(server);
    const schema = `fault_${count++}`;
    const wanted = '?options=-c%20statement_timeout%3D5000%20-c%20work_mem%3D4MB';
    const lost = async (url: string): Promise<readonly string[]> => {
      const store = postgresStore(`${url}${wanted}`, { schema });
      const warnings = await store.check(Date.now);
      await store.close();
      return warnings.filter(({ text }) => text.includes('pooler')).map(({ text }) => text.split(':')[0] ?? '');
    };
    try {
      expect(await lost(server.url)).toEqual([]);
      expect(await lost(pooler.url)).toEqual(['statement_timeout = 0, and the address asks for 5s']);
    } finally {
      await pooler.stop();
    }
  });

  it('waits for a replica that does not take writes yet', async () => {
    let refusals = 3;
    const pending: PostgresPool = {
      query: async (text, values) => {
        if (!/INSERT|UPDATE/.test(text) || refusals === 0) return pool.query(text, values);
        refusals -= 1;
        throw Object.assign(new Error('cannot execute UPDATE in a read-only transaction'), { code: '25006' });
      },
    };
    const schema = `fault_${count++}`;
    await postgresStore(pool, { schema }).list({});
    await postgresStore(pending, { schema }).create(runEntry('run-1'));
    expect(refusals).toBe(0);
    refusals = Number.POSITIVE_INFINITY;
    const impatient = postgresStore(pending, { schema, patienceMs: 20 });
    await expect(impatient.create(runEntry('run-2'))).rejects.toMatchObject({ code: 'store-read-only' });
  });

  it.each(['off', 'local', 'on', 'remote_apply', 'server'] as const)('waits as it is told to: %s', async (sync) => {
    const schema = `fault_${count++}`;
    const connection = await pool.connect();
    const settingNow = async (): Promise<unknown> => (await connection.query('SHOW synchronous_commit')).rows[0];
    try {
      await connection.query('SET synchronous_commit = remote_write');
      const store = postgresStore({ query: (text, values) => connection.query(text, values) }, { schema, sync });
      const leases = [await store.create(runEntry('run-1')), await store.create(runEntry('run-2'))];
      for (const group of [leases.slice(1), leases]) {
        await connection.query('BEGIN');
        await Promise.all(group.map((lease) => store.append(lease, eventsUpTo(1))));
        expect(await settingNow()).toEqual({ synchronous_commit: sync === 'server' ? 'remote_write' : sync });
        await connection.query('COMMIT');
        expect(await settingNow()).toEqual({ synchronous_commit: 'remote_write' });
      }
    } finally {
      connection.release(true);
    }
  });

  it('gives two hundred due runs to four workers, none of which is refused one', async () => {
    const schema = `fault_${count++}`;
    const asked: string[] = [];
    const counting: PostgresPool = {
      query: (text, values) => {
        asked.push(text);
        return pool.query(text, values);
      },
    };
    const once = graph('once', { state: fields({ done: last(false) }) })
      .node('do', () => ({ delta: { done: true } }))
      .start('do')
      .build();
    const engineOf = (): Engine<unknown, unknown> =>
      createEngine(once, { store: postgresStore(counting, { schema }) }) as unknown as Engine<unknown, unknown>;
    const first = engineOf();
    const names = Array.from({ length: 200 }, (_unused, index) => `run-${index}`);
    for (const runId of names) await first.enqueue({}, { runId });
    const engines = [first, engineOf(), engineOf(), engineOf()];
    const driven: string[] = [];
    const failed: unknown[] = [];
    const workers = engines.map((engine) =>
      engine.work({
        maxRuns: 25,
        pollMs: 1_000,
        onRun: ({ id }) => driven.push(id),
        onError: (thrown) => failed.push(thrown),
      }),
    );
    await vi.waitFor(() => expect(driven.length).toBeGreaterThanOrEqual(names.length), { timeout: 60_000 });
    for (const worker of workers) await worker.stop();
    for (const engine of engines) await engine.close();
    expect([...driven].sort()).toEqual([...names].sort());
    expect(failed).toEqual([]);
    const claims = asked.filter((text) => text.includes('SKIP LOCKED')).length;
    console.log(`200 due runs, 4 workers: ${claims} claims`);
    // A worker asks again whenever it has room, so how often depends on how its runs end.
    expect(claims).toBeLessThan(200);
    expect(asked.filter((text) => text.includes('UPDATE') && text.includes('WHERE r.id = $1 AND r.nonce'))).toEqual([]);
  });
});
