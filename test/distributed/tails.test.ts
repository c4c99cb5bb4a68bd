// What streams write is gathered in the tail of their run. It is read, taken over, moved, dropped and deleted as what stands in
// rows of its own is, and each of these laws catches a store that leaves something out.
import assert from 'node:assert/strict';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertJournal, assertSame } from '../../src/explore/store/law-assert.ts';
import {
  chunkEntry,
  collected,
  endOf,
  eventEntry,
  eventsUpTo,
  runEntry,
  stored,
} from '../../src/explore/store/law-entries.ts';
import type { ChunkEntry, Entry } from '../../src/journal/entry.ts';
import { withoutBodies } from '../../src/journal/run/without-bodies.ts';
import type { ReservedRun } from '../../src/port/recordings.ts';
import type { PrunableStore } from '../../src/port/store.ts';
import { postgresStore } from '../../src/store/postgres/index.ts';
import { mutantPool } from './pools.ts';
import type { TextMutant } from './pools.ts';
import { skipReason, startServer } from './server.ts';
import type { TestServer } from './server.ts';

interface Place {
  readonly pool: pg.Pool;
  readonly schema: string;
  open(): PrunableStore;
  /** That the statements of a broken store were asked for. */
  checkUsed(): void;
}

const run = runEntry('run-1');
const chunks = (count: number, from = 0): readonly ChunkEntry[] =>
  Array.from({ length: count }, (_unused, index) => chunkEntry('1.0#1', from + index, `word ${from + index} `));
const [event] = eventsUpTo(1) as readonly [Entry];

/** One after another, each an append of its own. */
async function appendEach(
  store: PrunableStore,
  lease: Awaited<ReturnType<PrunableStore['create']>>,
  entries: readonly Entry[],
  place: number,
): Promise<void> {
  for (const [index, entry] of entries.entries()) await store.append(lease, [entry], undefined, place + index);
}

async function countOf(pool: pg.Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ readonly count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
  return rows[0]?.count ?? 0;
}

const laws: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  'is read as soon as it is appended, from any place on': async ({ open }) => {
    const [writer, reader] = [open(), open()];
    const lease = await writer.create(run);
    const all = [run, ...chunks(90)];
    for (let place = 1; place < all.length; place += 1) {
      await writer.append(lease, all.slice(place, place + 1), undefined, place);
      if (place % 15 > 2) continue;
      await assertJournal(reader, 'run-1', all.slice(0, place + 1));
      for (const from of [1, Math.floor(place / 2), place, place + 1])
        assertSame(await collected(reader.read('run-1', from, 7)), all.slice(from, Math.min(from + 7, place + 1)));
    }
  },
  'takes one row for many appends, and none once the run is over': async ({ open, pool, schema }) => {
    const store = open();
    const lease = await store.create(run);
    await appendEach(store, lease, chunks(300), 1);
    expect(await countOf(pool, `${schema}.tail`)).toBe(1);
    expect(await countOf(pool, `${schema}.entry`)).toBeLessThan(300 / 10);
    await store.append(lease, [endOf('done')], undefined, 301);
    await assertJournal(store, 'run-1', [run, ...chunks(300), endOf('done')]);
    expect(await countOf(pool, `${schema}.tail`)).toBe(0);
  },
  'ends with what is no stream': async ({ open }) => {
    const store = open();
    const lease = await store.create(run);
    const all = [run, ...chunks(3), event, ...chunks(40, 3), event, event, ...chunks(2, 43), endOf('done')];
    await appendEach(store, lease, all.slice(1), 1);
    await assertJournal(open(), 'run-1', all);
  },
  'is continued by who takes the run': async ({ open }) => {
    const [one, two] = [open(), open()];
    const all = [run, ...chunks(5), ...chunks(4, 5), event, ...chunks(2, 9)];
    await appendEach(one, await one.create(run), all.slice(1, 6), 1);
    const lease = await two.take('run-1');
    await appendEach(two, lease, all.slice(6), 6);
    await assertJournal(one, 'run-1', all);
  },
  'keeps the order of appends that are asked for at once': async ({ open }) => {
    const store = open();
    const all = [run, ...chunks(6), event, ...chunks(30, 6), event, ...chunks(3, 36)];
    const lease = await store.create(run);
    await Promise.all(all.slice(1).map((entry, index) => store.append(lease, [entry], undefined, index + 1)));
    await assertJournal(open(), 'run-1', all);
  },
  'gives up chunks that are dropped, wherever they are': async ({ open }) => {
    const store = open();
    const lease = await store.create(run);
    // Some fill a row of several, and some are in the tail yet.
    const all: Entry[] = [run, ...chunks(70)];
    await appendEach(store, lease, all.slice(1), 1);
    const dropped = [2, 3, 40, 69, 70].map((place) => {
      const entry: ChunkEntry = { ...(all[place] as ChunkEntry), deltas: [], dropped: 1 };
      all[place] = entry;
      return { place, entry };
    });
    await store.dropChunks?.(lease, dropped);
    await assertJournal(store, 'run-1', all);
    all.push(...chunks(40, 70), event);
    await appendEach(store, lease, all.slice(71), 71);
    await assertJournal(open(), 'run-1', all);
  },
  'gives up the bodies of a run that is not recorded': async ({ open }) => {
    const store = open();
    const lease = await store.create(run, [], { owner: 'one', leaseMs: 30_000, isRecorded: true });
    const bytes = {
      ...chunkEntry('1.0#1', 40, ''),
      deltas: [{ text: 'last', bytes: stored(new Uint8Array(9)) }],
    } as ChunkEntry;
    const all: Entry[] = [run, ...chunks(40), bytes, ...chunks(40, 41), endOf('done')];
    await appendEach(store, lease, all.slice(1), 1);
    const [reserved] =
      (await store.recordings?.reserve({ graph: run.graph.name, stage: 'open', forMs: 100, limit: 1 })) ?? [];
    await store.recordings?.dropBodies(reserved as ReservedRun, 'nothing');
    await assertJournal(open(), 'run-1', all.with(41, withoutBodies(bytes) as Entry));
  },
  'keeps parts of what comes after a row of many': async ({ open }) => {
    const store = open();
    const lease = await store.create(run, [], { owner: 'one', leaseMs: 30_000, isRecorded: true });
    const long = eventEntry('1.0#1', { data: stored({ text: 'a long text '.repeat(1_000) }) });
    await appendEach(store, lease, chunks(1), 1);
    await store.append(lease, chunks(280, 1), undefined, 2);
    await store.append(lease, [long, endOf('done')], undefined, 282);
    const [reserved] =
      (await store.recordings?.reserve({ graph: run.graph.name, stage: 'open', forMs: 100, limit: 1 })) ?? [];
    await store.recordings?.dropBodies(reserved as ReservedRun, 'nothing');
    await assertJournal(open(), 'run-1', [run, ...chunks(281), long, endOf('done')]);
  },
  'stays with a run whose rows are moved': async ({ open, pool, schema }) => {
    const store = open();
    const lease = await store.create(run);
    const all = [run, ...chunks(5), ...chunks(40, 5), event];
    await appendEach(store, lease, all.slice(1, 6), 1);
    await pool.query(`SELECT ${schema}.move_rows(number, number) FROM ${schema}.run`);
    await assertJournal(store, 'run-1', all.slice(0, 6));
    await appendEach(store, lease, all.slice(6), 6);
    await assertJournal(open(), 'run-1', all);
  },
  'goes with its run': async ({ open, pool, schema }) => {
    const store = open();
    const lease = await store.create(run);
    await appendEach(store, lease, chunks(5), 1);
    await store.release(lease);
    await store.delete('run-1');
    expect(await countOf(pool, `${schema}.tail`)).toBe(0);
    await store.create(run);
    await assertJournal(store, 'run-1', [run]);
  },
};

const brokenStores: Readonly<Record<string, { readonly law: string; readonly texts: readonly TextMutant[] }>> = {
  'reads whole rows alone': {
    law: 'is read as soon',
    texts: [{ find: "AND t.last >= $3 AND t.json <> ''", replace: "AND t.last >= $3 AND t.json <> '' AND false" }],
  },
  'keeps it when the run is over': {
    law: 'takes one row',
    texts: [{ find: 'AND t.run = l.number\n', replace: 'AND t.run = l.number AND false\n' }],
  },
  'leaves it behind what is no stream': {
    law: 'ends with what',
    texts: [{ find: "json FROM over_tail WHERE json <> ''", replace: 'json FROM over_tail WHERE false' }],
  },
  'takes a run to have none': {
    law: 'is continued',
    texts: [
      { find: 'AND t.run = l.number\n', replace: 'AND t.run = l.number AND false\n' },
      { find: 'WHEN t.last = excluded.last - ', replace: 'WHEN true OR t.last = excluded.last - ' },
    ],
  },
  'turns it around': {
    law: 'keeps the order',
    texts: [
      {
        find: "THEN excluded.json || E'\\n' || t.json END",
        replace: "THEN t.json || E'\\n' || excluded.json END",
      },
    ],
  },
  'drops chunks of rows of their own alone': {
    law: 'gives up chunks',
    texts: [{ find: "position(E'\\n' in e.json) > 0", replace: 'false' }],
  },
  'drops bodies of rows of their own alone': {
    law: 'gives up the bodies',
    texts: [{ find: "position(E'\\n' in e.json) > 0", replace: 'false' }],
  },
  'takes a row for an entry when it looks for what parts are named': {
    law: 'keeps parts',
    texts: [
      { find: 'sequence >= $2 ORDER BY sequence LIMIT $3', replace: 'sequence >= $2 AND sequence < $2 + $3::int' },
    ],
  },
  'finds it by where other rows stand': {
    law: 'stays with',
    texts: [{ find: 't WHERE t.run = r.number', replace: 't WHERE t.run = coalesce(r.rows_at, r.number)' }],
  },
  'forgets it when it deletes': {
    law: 'goes with',
    texts: [{ find: 't USING gone WHERE t.run = gone.run', replace: 't USING gone WHERE t.run = gone.run AND false' }],
  },
};

const why = skipReason();
if (why !== undefined) console.log(`the tails of runs are not looked at: ${why}`);

describe.skipIf(why !== undefined)('the tail of a run', () => {
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
    const schema = `tail_${count++}`;
    const over = mutantPool(pool, texts);
    return { pool, schema, open: () => postgresStore(over, { schema }), checkUsed: over.checkUsed };
  }

  it.each(Object.entries(laws))('%s', (_name, check) => check(newPlace()));

  it('is kept by each of these laws', () => {
    const caught = Object.values(brokenStores).map(({ law }) => law);
    assert.deepEqual(
      Object.keys(laws).filter((name) => !caught.some((law) => name.startsWith(law))),
      [],
    );
  });

  it.each(Object.entries(brokenStores))('is lost if a store %s', async (_name, { law, texts }) => {
    const [check] = Object.entries(laws).flatMap(([name, each]) => (name.startsWith(law) ? [each] : []));
    const place = newPlace(texts);
    await expect(check?.(place)).rejects.toThrow();
    place.checkUsed();
  });
});
