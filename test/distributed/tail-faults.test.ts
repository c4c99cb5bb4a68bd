// The tail of a run while answers are lost, appends are given up, servers go back and processes share a lease: whatever happens
// to the statements that grow, fill and end it, its entries stand at their places.
import { Buffer } from 'node:buffer';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertJournal } from '../../src/explore/store/law-assert.ts';
import { chunkEntry, endOf, eventEntry, eventsUpTo, runEntry, stored } from '../../src/explore/store/law-entries.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Lease, PrunableStore } from '../../src/port/store.ts';
import { copyRuns } from '../../src/record/index.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import type { PostgresPool, PostgresStoreOptions } from '../../src/store/postgres/index.ts';
import { before, deafPool, lossyPool, mutantPool } from './pools.ts';
import type { TextMutant } from './pools.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

interface Place {
  /** Without a fault of its own. */
  readonly pool: PostgresPool;
  readonly schema: string;
  open(pool?: PostgresPool, options?: PostgresStoreOptions): PrunableStore;
  /** That the statements of a broken store were asked for. */
  checkUsed(): void;
}

const run = runEntry('run-1');
const chunk = (ordinal: number, text = `word ${ordinal} `): Entry => chunkEntry('1.0#1', ordinal, text);
const [event, other] = eventsUpTo(2) as readonly [Entry, Entry];
/** What fills a tail by itself. */
const filling = 'x'.repeat(6_000);

/** One after another, each an append of its own. */
async function appendEach(store: PrunableStore, lease: Lease, entries: readonly Entry[], place: number): Promise<void> {
  for (const [index, entry] of entries.entries()) await store.append(lease, [entry], undefined, place + index);
}

const laws: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  'where a lease is used by two processes in turn': async ({ open }) => {
    for (const next of [chunk(3), chunk(3, filling)]) {
      const [one, two] = [open(), open()];
      const all = [run, chunk(0), event, chunk(1), chunk(2), other, next, chunk(4), endOf('done')];
      const lease = await one.create(run);
      for (const [store, place] of [
        [one, 1],
        [one, 2],
        [two, 3],
        [two, 4],
        [one, 5],
        [one, 6],
        [two, 7],
        [one, 8],
      ] as const) {
        await store.append(lease, all.slice(place, place + 1), undefined, place);
        await assertJournal(open(), 'run-1', all.slice(0, place + 1));
      }
      await one.delete('run-1');
    }
  },
  'after an append was given up that was written': async ({ open, pool }) => {
    for (const given of [chunk(0), event]) {
      const deaf = deafPool(pool);
      const store = open(deaf, { patienceMs: 20 });
      const lease = await store.create(run);
      const all = [run, given, event, chunk(1), other, chunk(2), chunk(3, filling)];
      deaf.isDeaf = true;
      await expect(store.append(lease, [given], undefined, 1)).rejects.toMatchObject({ code: 'store-unreachable' });
      deaf.isDeaf = false;
      await appendEach(store, lease, all.slice(2), 2);
      await assertJournal(open(), 'run-1', all);
      await store.release(lease);
      await store.delete('run-1');
    }
  },
  'whichever answers are lost': async ({ open, pool }) => {
    const all = [run, ...Array.from({ length: 6 }, (_unused, index) => chunk(index)), chunk(6, filling), chunk(7)];
    all.push(event, chunk(8), chunk(9), chunk(10, filling), other, chunk(11), endOf('done'));
    for (const when of ['before', 'after'] as const) {
      let isOver = false;
      for (let at = 1; !isOver; at += 1) {
        const lossy = lossyPool(pool, at, when);
        const store = open(lossy);
        await appendEach(store, await store.create(run), all.slice(1), 1);
        await assertJournal(open(), 'run-1', all);
        await store.delete('run-1');
        isOver = lossy.count < at;
      }
    }
  },
  'whose append is tried again before those that were asked for after it': async ({ open, pool, schema }) => {
    const large = eventEntry('1.0#1', { data: stored({ text: Array.from({ length: 90_000 }, String).join(' ') }) });
    const all = [run, chunk(0), large, chunk(1), event, chunk(2)];
    const rest: Promise<unknown>[] = [];
    const moved = before(pool, 'cardinality(', async () => {
      await pool.query(`SELECT ${schema}.move_rows(number, number) FROM ${schema}.run`);
      // As if their range had been dropped by then.
      await pool.query(`DELETE FROM ${schema}.part p USING ${schema}.run r WHERE p.run = r.number`);
      for (let place = 3; place < all.length; place += 1)
        rest.push(Promise.resolve(store.append(lease, all.slice(place, place + 1), undefined, place)));
    });
    const store = open(moved);
    const lease = await store.create(run);
    await appendEach(store, lease, all.slice(1, 3), 1);
    expect(rest).toHaveLength(3);
    await Promise.all(rest);
    await assertJournal(open(), 'run-1', all);
  },
  'on a server that went back': async ({ open, pool, schema }) => {
    for (const count of [3, 9]) {
      const store = open();
      const all = [run, ...Array.from({ length: 12 }, (_unused, index) => chunk(index))];
      const lease = await store.create(run);
      await appendEach(store, lease, all.slice(1, count + 1), 1);
      await pool.query(
        `CREATE TABLE ${schema}.kept AS SELECT r.last AS reached, t.* FROM ${schema}.run r, ${schema}.tail t`,
      );
      await appendEach(store, lease, all.slice(count + 1), count + 1);
      await pool.query(`UPDATE ${schema}.run r SET last = k.reached FROM ${schema}.kept k`);
      await pool.query(`UPDATE ${schema}.tail t SET last = k.last, json = k.json FROM ${schema}.kept k`);
      await pool.query(`DROP TABLE ${schema}.kept`);
      await expect(store.append(lease, [chunk(12)], undefined, 13)).rejects.toMatchObject({ code: 'store-went-back' });
      const again = await store.take('run-1');
      const rest = [chunk(20), chunk(21, filling), chunk(22), event, chunk(23)];
      await appendEach(store, again, rest, count + 1);
      await assertJournal(open(), 'run-1', [...all.slice(0, count + 1), ...rest]);
      await store.release(again);
      await store.delete('run-1');
    }
  },
  'however long and strange what is written is': async ({ open }) => {
    const store = open();
    const lengths = [1, 1_990, 3_700, 3_800, 3_899, 3_900, 8_200, 49_000, 50_000, 51_000, 270_000, 7];
    const texts = [
      ...lengths.map((length) => 'y'.repeat(length)),
      '\n \u001e \u2028 \u0000 " \\ \ud800',
      '\u{1f600}'.repeat(900),
      ...lengths.map((length) => '\u00e9'.repeat(length)),
    ];
    const all = [run, ...texts.flatMap((text, index) => [chunk(2 * index, text), chunk(2 * index + 1)])];
    expect(Buffer.byteLength(String(texts.at(-2)))).toBeGreaterThan(500_000);
    await appendEach(store, await store.create(run), all.slice(1), 1);
    await assertJournal(open(), 'run-1', all);
  },
  'in a copy of its run': async ({ open, schema }) => {
    const store = open();
    const all = [run, ...Array.from({ length: 90 }, (_unused, index) => chunk(index)), event, chunk(90), chunk(91)];
    const lease = await store.create(run);
    await appendEach(store, lease, all.slice(1), 1);
    await store.release(lease);
    const copy = open(undefined, { schema: `${schema}_copy` });
    await copyRuns(store, copy);
    await assertJournal(copy, 'run-1', all);
    const rest = [chunk(92), event, chunk(93)];
    await appendEach(copy, await copy.take('run-1'), rest, all.length);
    await assertJournal(copy, 'run-1', [...all, ...rest]);
    await assertJournal(open(), 'run-1', all);
  },
};

const brokenStores: Readonly<Record<string, { readonly law: string; readonly texts: readonly TextMutant[] }>> = {
  'adds to a tail wherever that ends': {
    law: 'where a lease',
    texts: [{ find: 'WHEN t.last = excluded.last - ', replace: 'WHEN true OR t.last = excluded.last - ' }],
  },
  'fills a tail wherever that ends': {
    law: 'where a lease',
    texts: [
      { find: 'AND t.last = f.expected', replace: '' },
      { find: 'AND t.last <> f.expected', replace: 'AND false' },
    ],
  },
};

const why = skipReason();

describe.skipIf(why !== undefined)('the tail of a run is whole', () => {
  let server: TestServer;
  let pool: pg.Pool;
  let count = 0;
  beforeAll(async () => {
    server = await startServer();
    pool = new pg.Pool({ connectionString: server.url, max: 8 });
  });
  afterAll(async () => {
    await pool.end();
    await server.remove();
  });

  function newPlace(texts: readonly TextMutant[] = []): Place {
    const schema = `tail_fault_${count++}`;
    const over = mutantPool(pool, texts);
    const open: Place['open'] = (own = over, options = {}) => postgresStore(own, { schema, ...options });
    return { pool: over, schema, open, checkUsed: over.checkUsed };
  }

  it.each(Object.entries(laws))('%s', (_name, check) => check(newPlace()));

  it.each(Object.entries(brokenStores))('and is not if a store %s', async (_name, { law, texts }) => {
    const [check] = Object.entries(laws).flatMap(([name, each]) => (name.startsWith(law) ? [each] : []));
    const place = newPlace(texts);
    await expect(check?.(place)).rejects.toThrow();
    place.checkUsed();
  });
});
