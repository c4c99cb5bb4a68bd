// Large values whose content stands in a part store: as runs of any store to those who read and write them, and nothing is
// left in it that nobody names.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  storeCheckpointLaws,
  storeErrandLaws,
  storeLaws,
  storePruningLaws,
  storeRecordingLaws,
} from '../../src/explore/index.ts';
import {
  collected,
  commitEntry,
  effectEntry,
  endOf,
  eventEntry,
  eventsUpTo,
  runEntry,
  stored,
} from '../../src/explore/store/law-entries.ts';
import type { Value } from '../../src/base/value.ts';
import type { ReservedRun } from '../../src/port/recordings.ts';
import type { PartStore } from '../../src/port/part-store.ts';
import { folderParts, postgresStore } from '../../src/store/postgres/index.ts';
import type { PostgresPool, PostgresStore } from '../../src/store/postgres/index.ts';
import { schemaPlaces } from './places.ts';
import { mutantPool } from './pools.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

const laws = [storeLaws, storeCheckpointLaws, storeErrandLaws, storePruningLaws, storeRecordingLaws]
  .flat()
  .filter(({ name }) => !name.startsWith('after its clock was set back'))
  .filter(({ name }) => /large|long|parts|ten thousand|checkpoint|bodies|concurrent|delet|prun|record/.test(name));

const late = 1e12;
/** What no run names any more goes as soon as runs are deleted. */
const atOnce = { partsGraceMs: 0 };
/** About 2 MB, of which no part is like another. */
const large = stored({
  text: Array.from({ length: 50_000 }, (_unused, index) => `${index} of these words, in order. `).join(''),
});
const largeEntry = eventEntry('1.0#1', { data: large });
const other = eventEntry('1.0#1', {
  ordinal: 1,
  data: stored({ text: 'z'.repeat(40_000).replaceAll(/z{100}/g, (_all, at) => `${at}`.padEnd(100, 'y')) }),
});

/** Of the values of a statement. */
function lengthOf(values: readonly unknown[] = []): number {
  const lengths = values.flat().map((value) => (typeof value === 'string' ? value.length : 0));
  return lengths.reduce((sum, length) => sum + length, 0);
}

const why = skipReason();
if (why !== undefined) console.log(`large parts of a PostgreSQL store are skipped: ${why}`);

describe.skipIf(why !== undefined)('a store with a place for large parts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-parts-'));
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 6 });
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const own = (): { readonly schema: string; readonly place: string; readonly parts: PartStore } => {
    const schema = `parts_${count++}`;
    const place = mkdtempSync(join(folder, 'own-'));
    return { schema, place, parts: folderParts(place) };
  };
  const filesIn = (place: string): readonly string[] =>
    readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(place, name)).isFile());
  const tableBytes = async (schema: string): Promise<number> => {
    const { rows } = await pool.query<{ readonly bytes: string }>(
      `SELECT (SELECT coalesce(sum(octet_length(json)), 0) FROM ${schema}.part) + (SELECT sum(octet_length(json)) FROM ${schema}.entry) AS bytes`,
    );
    return Number(rows[0]?.bytes);
  };
  /** Ten minutes later, as far as bundles go that were asked for before. */
  const later = (schema: string): Promise<unknown> =>
    pool.query(`UPDATE ${schema}.bundle SET asked_at = asked_at - interval '1 hour'`);
  const sweep = async (store: PostgresStore): Promise<void> => void (await store.prune({ olderThan: 0 }));

  it.each(laws)('$name', async ({ check }) => {
    const { parts } = own();
    await check(schemaPlaces(pool, { ...atOnce, parts, partsBeyond: 0 }), { numRuns: 3 });
  });

  it('keeps the content of large values there, and that of others in its tables', async () => {
    const { schema, place, parts } = own();
    const store = postgresStore(pool, { ...atOnce, schema, parts });
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, [other], undefined, 1);
    expect(filesIn(place)).toEqual([]);
    await store.append(lease, [largeEntry], undefined, 2);
    // Of about a megabyte each.
    expect(filesIn(place)).toHaveLength(2);
    expect(await tableBytes(schema)).toBeLessThan(200_000);
    const reader = postgresStore(pool, { ...atOnce, schema, parts });
    expect((await collected(reader.read('run-1'))).slice(1)).toEqual([other, largeEntry]);
    expect(await store.recordings?.bytesOf('run-1')).toBeGreaterThan(1_500_000);
    // The same content again takes no room.
    await store.append(lease, [{ ...largeEntry, ordinal: 5 }], undefined, 3);
    expect(filesIn(place)).toHaveLength(2);
    await store.release(lease);
    await store.delete('run-1');
    expect(filesIn(place)).toEqual([]);
  });

  it('drops the objects of bodies that are dropped, and keeps those of which anything stays', async () => {
    const { schema, place, parts } = own();
    const store = postgresStore(pool, { ...atOnce, schema, parts });
    const words = (what: string) =>
      stored(Array.from({ length: 500 }, (_unused, index) => `${what} ${index} ${'x'.repeat(900)}`));
    const answered = (occurrence: number, value: Value) =>
      effectEntry('1.0#1', { occurrence, outcome: { kind: 'value', value } });
    const saying = (ordinal: number, data: Value) => eventEntry('1.0#1', { ordinal, data });
    const lease = await store.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 60_000, isRecorded: true });
    await store.append(lease, [saying(0, words('said'))], undefined, 1);
    await store.append(lease, [answered(0, words('answered'))], undefined, 2);
    await store.append(lease, [answered(1, words('answered and said'))], undefined, 3);
    const before = filesIn(place);
    expect(before).toHaveLength(3);
    const rest = [saying(1, words('answered and said')), commitEntry('1'), endOf('done')];
    await store.append(lease, rest, undefined, 4);
    expect(filesIn(place)).toEqual(before);
    const query = { graph: 'desk', stage: 'open', forMs: 1_000, limit: 1 } as const;
    const [run] = (await store.recordings?.reserve(query)) ?? [];
    await store.recordings?.dropBodies(run as ReservedRun, 'nothing');
    expect(filesIn(place)).toHaveLength(2);
    const read = await collected(postgresStore(pool, { ...atOnce, schema, parts }).read('run-1'));
    expect([read[1], ...read.slice(4)]).toEqual([saying(0, words('said')), ...rest]);
  });

  it.each([
    ['nothing of it goes there', Number.POSITIVE_INFINITY, 0],
    ['the rest of it goes there', 1_500_000, 4],
    ['all of it goes there', 0, 5],
  ])('holds no more than about a megabyte of a large append, whether %s', async (_what, partsBeyond, most) => {
    const { schema, place, parts } = own();
    let longest = 0;
    const weighing: PostgresPool = {
      query: (text, values) => {
        longest = Math.max(longest, lengthOf(values));
        return pool.query(text, values);
      },
    };
    const weighed: PartStore = {
      ...parts,
      put: (key, bytes) => {
        longest = Math.max(longest, bytes.length);
        return parts.put(key, bytes);
      },
    };
    const store = postgresStore(weighing, { ...atOnce, schema, parts: weighed, partsBeyond });
    const lease = await store.create(runEntry('run-1'));
    const texts = Array.from({ length: 5_000 }, (_unused, index) => `${index} ${'x'.repeat(900)}`);
    const entry = eventEntry('1.0#1', { data: stored(texts) });
    await store.append(lease, [entry, endOf('done')], undefined, 1);
    expect(longest).toBeGreaterThan(100_000);
    expect(longest).toBeLessThan(1_400_000);
    expect(filesIn(place).length).toBeGreaterThanOrEqual(Math.min(most, 2));
    expect(filesIn(place).length).toBeLessThanOrEqual(most);
    expect((await tableBytes(schema)) > 1_000_000).toBe(partsBeyond > 0);
    const reader = postgresStore(pool, { ...atOnce, schema, parts });
    expect((await collected(reader.read('run-1'))).slice(1)).toEqual([entry, endOf('done')]);
    await store.delete('run-1');
    expect(filesIn(place)).toEqual([]);
    expect((await pool.query(`SELECT run FROM ${schema}.part`)).rows).toEqual([]);
  });

  it('asks once what its keys begin with', async () => {
    const { schema, parts } = own();
    const store = postgresStore(pool, { ...atOnce, schema, parts });
    await store.append(await store.create(runEntry('run-1')), [largeEntry], undefined, 1);
    let count = 0;
    const counting: PostgresPool = {
      query: (text, values) => {
        if (/FROM "?\w+"?\.store_id$/.test(text)) count += 1;
        return pool.query(text, values);
      },
    };
    const reader = postgresStore(counting, { schema, parts });
    for (let time = 0; time < 3; time += 1) expect((await collected(reader.read('run-1'))).at(-1)).toEqual(largeEntry);
    expect(count).toBe(1);
    // Also where the tables are made again meanwhile.
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    const other = postgresStore(pool, { ...atOnce, schema, parts });
    await other.append(await other.create(runEntry('run-1')), [largeEntry], undefined, 1);
    expect((await collected(reader.read('run-1'))).at(-1)).toEqual(largeEntry);
  });

  it('says which option is missing to a process that has no such place', async () => {
    const { schema, parts } = own();
    const store = postgresStore(pool, { ...atOnce, schema, parts });
    await store.append(await store.create(runEntry('run-1')), [largeEntry], undefined, 1);
    await expect(collected(postgresStore(pool, { schema }).read('run-1'))).rejects.toMatchObject({
      code: 'store-unreadable',
      nextStep: expect.stringContaining('parts'),
    });
  });

  it('takes the place from the address', async () => {
    const { schema, place } = own();
    const store = postgresStore(`${server.url}?schema=${schema}&parts=${encodeURIComponent(place)}`);
    await store.append(await store.create(runEntry('run-1')), [largeEntry], undefined, 1);
    expect(filesIn(place)).toHaveLength(2);
    await store.close();
  });

  it('leaves nothing there if it dies between the put and the append', async () => {
    const { schema, place, parts } = own();
    const died = new Error('died');
    for (const when of ['before', 'after'] as const) {
      const dying: PartStore = {
        ...parts,
        put: async (key, bytes) => {
          if (when === 'after') await parts.put(key, bytes);
          throw died;
        },
      };
      const store = postgresStore(pool, { ...atOnce, schema, parts: dying, patienceMs: 0 });
      const lease = await store.create(runEntry(`run-${when}`), [], { owner: 'one', leaseMs: 1 });
      await expect(store.append(lease, [largeEntry], undefined, 1)).rejects.toMatchObject({
        code: 'store-unreachable',
        cause: died,
      });
    }
    expect(filesIn(place)).toHaveLength(1);
    // Another one continues the run: what it writes is whole, whatever the first has left.
    const store = postgresStore(pool, { ...atOnce, schema, parts });
    for (const when of ['before', 'after']) {
      const lease = await store.take(`run-${when}`);
      await store.append(lease, [largeEntry, endOf('done')], undefined, 1);
      expect((await collected(postgresStore(pool, { ...atOnce, schema, parts }).read(`run-${when}`))).slice(1)).toEqual(
        [largeEntry, endOf('done')],
      );
    }
    expect(filesIn(place)).toHaveLength(5);
    await store.prune({ olderThan: late });
    expect(filesIn(place)).toEqual([]);
    await later(schema);
    await sweep(store);
    expect((await pool.query(`SELECT id FROM ${schema}.bundle`)).rows).toEqual([]);
  });

  it('keeps the objects of a run that is deleted for an hour, for a backup or a replica that has it still', async () => {
    const { schema, place, parts } = own();
    const store = postgresStore(pool, { schema, parts });
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, [largeEntry, endOf('done')], undefined, 1);
    const client = await pool.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const before = postgresStore(
      { query: (text, values) => client.query(text, values) },
      { schema, parts, mode: 'read' },
    );
    expect(await before.find('run-1')).toBeDefined();
    await store.delete('run-1');
    expect(await store.find('run-1')).toBeUndefined();
    expect((await collected(before.read('run-1'))).slice(1)).toEqual([largeEntry, endOf('done')]);
    await client.query('COMMIT');
    client.release();
    await sweep(store);
    expect(filesIn(place)).toHaveLength(2);
    const hence = (ms: number): Promise<unknown> =>
      pool.query(`UPDATE ${schema}.bundle SET gone_at = gone_at - ${ms} * interval '1 millisecond'`);
    await hence(1_800_000);
    await sweep(store);
    expect(filesIn(place)).toHaveLength(2);
    await hence(1_800_000);
    await sweep(store);
    expect(filesIn(place)).toEqual([]);
  });

  it('deletes all that has been kept for long enough, however many were dropped at once', async () => {
    const { schema, place, parts } = own();
    const store = postgresStore(pool, { ...atOnce, schema, parts, partsBeyond: 0 });
    for (let run = 0; run < 3; run += 1)
      await store.append(await store.create(runEntry(`run-${run}`)), [other, endOf('done')], undefined, 1);
    const keyOf = (at: number): string => filesIn(place)[at] ?? '';
    const [first] = keyOf(0).split('/');
    // More than one page of them, all dropped at the same moment as those of the runs.
    await pool.query(
      `INSERT INTO ${schema}.bundle (id, run) SELECT gen_random_uuid(), r.number FROM ${schema}.run r, generate_series(1, 100)`,
    );
    const { rows } = await pool.query<{ readonly run: string; readonly id: string }>(
      `SELECT run, id FROM ${schema}.bundle`,
    );
    for (const { run, id } of rows) await parts.put(`${first}/${run}/${id}`, Buffer.from('x'));
    expect(filesIn(place)).toHaveLength(303);
    await store.prune({ olderThan: late });
    expect(filesIn(place)).toEqual([]);
  });

  it('deletes what comes late for a run that is gone', async () => {
    const { schema, place, parts } = own();
    let arrive = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const slow: PartStore = { ...parts, put: (key, bytes) => held.then(() => parts.put(key, bytes)) };
    const store = postgresStore(pool, { ...atOnce, schema, parts: slow });
    const lease = await store.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 1 });
    const appended = Promise.resolve(store.append(lease, [largeEntry], undefined, 1));
    const refused = expect(appended).rejects.toMatchObject({ code: 'run-unknown' });
    const bundles = async (): Promise<number> => (await pool.query(`SELECT id FROM ${schema}.bundle`)).rows.length;
    while ((await bundles()) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const sweeper = postgresStore(pool, { ...atOnce, schema, parts });
    await sweeper.delete('run-1');
    arrive();
    await refused;
    expect(filesIn(place)).toHaveLength(1);
    await sweep(sweeper);
    expect(filesIn(place)).toEqual([]);
    expect(await bundles()).toBeGreaterThan(0);
    await later(schema);
    await sweep(sweeper);
    expect(await bundles()).toBe(0);
  });

  it.each([
    [
      'forgets the bundles of runs that it deletes',
      'SET gone_at = statement_timestamp() FROM gone',
      'SET gone_at = NULL FROM gone',
    ],
    [
      'keeps no row of what it puts',
      'SELECT $3::uuid, number FROM locked ON CONFLICT (id) DO UPDATE SET run = excluded.run\n    RETURNING id::text, run',
      'SELECT $3::uuid, number * 0 FROM locked RETURNING id::text, (SELECT number FROM locked) AS run',
    ],
  ])('would leave objects that nobody names if it %s', async (_what, find, replace) => {
    const { schema, place, parts } = own();
    const mutant = mutantPool(pool, [{ find, replace }]);
    const store = postgresStore(mutant, { ...atOnce, schema, parts });
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, [largeEntry, endOf('done')], undefined, 1);
    await store.prune({ olderThan: late });
    mutant.checkUsed();
    expect(filesIn(place)).not.toEqual([]);
  });

  it.each([
    ['refuses', Object.assign(new Error('no such bucket'), { status: 404 }), 1],
    ['is away', Object.assign(new Error('away'), { status: 503 }), 4],
  ])('tries again only what may get better, where its place %s', async (_what, fault, count) => {
    const { schema, parts } = own();
    let tries = 0;
    const failing: PartStore = {
      ...parts,
      put: async () => {
        tries += 1;
        throw fault;
      },
    };
    const store = postgresStore(pool, { schema, parts: failing, patienceMs: 200 });
    const lease = await store.create(runEntry('run-1'));
    const thrown: unknown = await Promise.resolve(store.append(lease, [largeEntry], undefined, 1)).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ code: 'store-unreachable', cause: fault });
    expect(tries).toBe(count);
  });

  it('goes on where its place is away for a moment, and asks for an object once a level', async () => {
    const { schema, parts } = own();
    let failures = 3;
    const asked: string[] = [];
    const flaky: PartStore = {
      ...parts,
      put: async (key, bytes) => {
        failures -= 1;
        if (failures >= 0) throw new Error('away');
        await parts.put(key, bytes);
      },
      get: async (key) => {
        asked.push(key);
        return parts.get(key);
      },
    };
    const store = postgresStore(pool, { ...atOnce, schema, parts: flaky });
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, [...eventsUpTo(1), largeEntry], undefined, 1);
    const statements: string[] = [];
    const reader = postgresStore(
      {
        query: (text, values) => {
          if (text.includes('.part ')) statements.push(text);
          return pool.query(text, values);
        },
      },
      { schema, parts: flaky },
    );
    expect((await collected(reader.read('run-1'))).at(-1)).toEqual(largeEntry);
    // The names of the pieces, then the pieces.
    expect(statements.length).toBeLessThanOrEqual(3);
    expect(asked.length).toBeLessThanOrEqual(2 * statements.length);
  });
});
