// What a store on a server keeps of runs whose rows are moved, and of the ranges that these stand in.
import assert from 'node:assert/strict';
import pg from 'pg';
import { assertJournal } from '../../src/explore/store/law-assert.ts';
import {
  chunkEntry,
  collected,
  commitEntry,
  effectEntry,
  endOf,
  eventEntry,
  eventsUpTo,
  runEntry,
  stored,
} from '../../src/explore/store/law-entries.ts';
import type { Message } from '../../src/port/inbox.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { Lease, PrunableStore } from '../../src/port/store.ts';
import type { PostgresStore } from '../../src/store/postgres/index.ts';
import type { ServerLaw, ServerPlace } from './server-laws.ts';
import { untilBlocked, untilIdle } from './waiting.ts';

const rangeSize = 40;
const late = 1e12;
const signal = stored({ kind: 'signal', name: 'go', value: 1, time: 50 }) as unknown as Message;
const large = stored(Array.from({ length: 30 }, (_unused, index) => `${index} ${'x'.repeat(800)}`));

/** Makes the ranges of this schema small. */
export async function smallRanges({ pool, schema, open }: ServerPlace, size = rangeSize): Promise<void> {
  await open().list({});
  const { rows } = await pool.query<{ readonly first: string }>(`SELECT first FROM ${schema}.run_range`);
  for (const { first } of rows)
    for (const table of ['entry', 'part', 'checkpoint']) await pool.query(`DROP TABLE ${schema}.${table}_${first}`);
  await pool.query(`DELETE FROM ${schema}.run_range`);
  await pool.query(`UPDATE ${schema}.setting SET value = ${size} WHERE name = 'range'`);
  await pool.query(`SELECT ${schema}.add_ranges()`);
}

/** Begins and ends so many runs. */
async function addEnded(store: PrunableStore, count: number, name = 'ended'): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const lease = await store.create(runEntry(`${name}-${index}`), eventsUpTo(1));
    await store.append(lease, [endOf('done')], undefined, 2);
  }
}

async function hasRange({ pool, schema }: ServerPlace, first: number): Promise<boolean> {
  const { rows } = await pool.query<{ readonly found: boolean }>(
    `SELECT to_regclass('${schema}.entry_${first}') IS NOT NULL AS found`,
  );
  return rows[0]?.found === true;
}

const richEntries: readonly Entry[] = [
  eventEntry('1.0#1', { data: large }),
  chunkEntry('1.0#1', 0, 'a chunk'),
  effectEntry('1.0#1', { observed: { began: 1, ended: 2, message: 1 } }),
  commitEntry('1'),
];

async function sightOf(store: PrunableStore): Promise<unknown> {
  const { status, entryCount } = (await store.find('run-1')) ?? {};
  return {
    status,
    entryCount,
    entries: (await collected(store.read('run-1'))).slice(1),
    checkpoint: await store.checkpoint?.('run-1'),
    inbox: await store.inbox('run-1'),
    labels: await store.labels('run-1'),
    bytes: await store.recordings?.bytesOf('run-1'),
  };
}

export const rangeLaws: readonly ServerLaw[] = [
  {
    name: 'a range is made before the last one is full',
    async check(place) {
      const { pool, schema, open } = place;
      await smallRanges(place, 10);
      const store = open();
      for (let index = 1; index <= 35; index += 1) await store.create(runEntry(`run-${index}`), eventsUpTo(1));
      const ahead = async (): Promise<number> => {
        const { rows } = await pool.query<{ readonly count: number }>(
          `SELECT count(*)::int AS count FROM ${schema}.run_range WHERE first > (SELECT max(number) FROM ${schema}.run)`,
        );
        return rows[0]?.count ?? 0;
      };
      await untilIdle(pool);
      assert.equal(await ahead(), 1);
      const warnings = async (): Promise<readonly string[]> =>
        (await (store as PostgresStore).check(Date.now)).map(({ text }) => text);
      assert.ok((await warnings()).every((text) => !text.startsWith('no partition is ahead')));
      await pool.query(`DELETE FROM ${schema}.run_range WHERE first > (SELECT max(number) FROM ${schema}.run)`);
      assert.ok((await warnings()).some((text) => text.startsWith('no partition is ahead')));
      await assertJournal(store, 'run-35', [runEntry('run-35'), ...eventsUpTo(1)]);
    },
  },
  {
    name: 'whoever may write runs makes ranges, and nobody else drops them',
    async check(place) {
      const { pool, schema } = place;
      await smallRanges(place, 10);
      const login = `${schema}_login`;
      await pool.query(`CREATE ROLE ${login} LOGIN`);
      const url = new URL(
        String((pool as { readonly options?: { readonly connectionString?: string } }).options?.connectionString),
      );
      url.username = login;
      const own = new pg.Pool({ connectionString: url.href, max: 2 });
      try {
        await pool.query(`GRANT USAGE ON SCHEMA ${schema} TO ${login}`);
        await pool.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${login}`);
        await assert.rejects(own.query(`SELECT ${schema}.drop_range(1)`), /permission denied/);
        await assert.rejects(own.query(`SELECT ${schema}.add_ranges()`), /permission denied/);
        await pool.query(`GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${login}`);
        await pool.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${schema} TO ${login}`);
        const store = place.open(own);
        await addEnded(store, 45);
        assert.equal((await store.prune({ olderThan: late })).length, 45);
        assert.equal(await hasRange(place, 1), false);
      } finally {
        await own.end();
        await pool.query(`DROP OWNED BY ${login}`);
        await pool.query(`DROP ROLE ${login}`);
      }
    },
  },
  {
    name: 'a run that stays while its range is dropped is as it was, to those who read and write it too',
    async check(place) {
      await smallRanges(place);
      const { pool, open } = place;
      const store = open(pool, { checkpointLength: 0 });
      const reader = open();
      const lease = await store.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 60_000 });
      await store.send('run-1', signal);
      const state = stored({ text: 'x'.repeat(9_000) });
      const checkpoint = { run: runEntry('run-1'), step: 1, state, frontier: [], stepCount: 1 };
      await store.append(lease, richEntries, () => checkpoint, 1);
      await store.label('run-1', { step: 0, label: 'start' });
      await addEnded(store, 3 * rangeSize);
      const before = await sightOf(reader);
      assert.ok((before as { readonly checkpoint: unknown }).checkpoint !== undefined);
      assert.equal((await store.prune({ olderThan: late })).length, 3 * rangeSize);
      assert.equal(await hasRange(place, 1), false);
      assert.equal(await hasRange(place, 1 + rangeSize), false);
      assert.deepEqual(await sightOf(reader), before);
      assert.deepEqual(await sightOf(open()), before);
      const entries = await collected(reader.read('run-1'));
      const dropped = chunkEntry('1.0#1', 0, '');
      await store.dropChunks?.(lease, [{ place: 2, entry: dropped }]);
      await store.append(lease, eventsUpTo(2), undefined, 5);
      const now = [...entries.slice(0, 2), dropped, ...entries.slice(3), ...eventsUpTo(2)];
      await assertJournal(reader, 'run-1', now);
      assert.deepEqual(
        (await store.list({})).map(({ runId }) => runId),
        ['run-1'],
      );
      // And once more, from where it was moved to.
      await addEnded(store, 3 * rangeSize, 'more');
      await store.prune({ olderThan: late });
      await assertJournal(reader, 'run-1', now);
      await store.append(lease, eventsUpTo(1), undefined, 7);
      await assertJournal(open(), 'run-1', [...now, ...eventsUpTo(1)]);
      const { rows } = await place.pool.query(`SELECT run FROM ${place.schema}.dropped`);
      assert.deepEqual(rows, []);
    },
  },
  {
    name: 'what is written to a run while its rows are moved stays',
    async check(place) {
      await smallRanges(place);
      const { pool, open } = place;
      const store = open();
      const lease = await store.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 60_000 });
      await addEnded(store, 3 * rangeSize);
      const connection = await pool.connect();
      let pruned: Promise<unknown>;
      try {
        const writer = open({ query: (text, values) => connection.query(text, values) });
        await writer.find('run-1');
        await connection.query('BEGIN');
        await writer.append(lease, [eventEntry('1.0#1', { data: large })], undefined, 1);
        pruned = Promise.resolve(store.prune({ olderThan: late }));
        await untilBlocked(pool, connection, pruned);
        await connection.query('COMMIT');
        await pruned;
      } finally {
        connection.release();
      }
      assert.equal(await hasRange(place, 1), false);
      await assertJournal(open(), 'run-1', [runEntry('run-1'), eventEntry('1.0#1', { data: large })]);
    },
  },
  {
    name: 'a range in which a run begins at this moment is not dropped',
    async check(place) {
      await smallRanges(place);
      const { pool, open } = place;
      const store = open();
      await addEnded(store, 1, 'first');
      const connection = await pool.connect();
      try {
        const writer = open({ query: (text, values) => connection.query(text, values) });
        await writer.find('run-1');
        await connection.query('BEGIN');
        const begun: Promise<Lease> = Promise.resolve(writer.create(runEntry('run-1'), eventsUpTo(1)));
        await begun;
        await addEnded(store, 3 * rangeSize);
        const pruned = Promise.resolve(store.prune({ olderThan: late }));
        await untilBlocked(pool, connection, pruned);
        await connection.query('COMMIT');
        await pruned;
      } finally {
        connection.release();
      }
      await assertJournal(open(), 'run-1', [runEntry('run-1'), ...eventsUpTo(1)]);
      assert.equal(await hasRange(place, 1), true);
      await store.prune({ olderThan: late });
      assert.equal(await hasRange(place, 1), false);
      await assertJournal(open(), 'run-1', [runEntry('run-1'), ...eventsUpTo(1)]);
    },
  },
  {
    name: 'runs that stay are moved into a range that is made for them, if there is none yet',
    async check(place) {
      await smallRanges(place);
      const { pool, schema } = place;
      const store = place.open();
      for (const runId of ['run-1', 'run-2']) await store.create(runEntry(runId), eventsUpTo(1));
      await addEnded(store, 1);
      const reach = (number: number) => pool.query(`SELECT setval('${schema}.run_number_seq', $1::bigint)`, [number]);
      await reach(rangeSize + 1);
      await pool.query(`SELECT ${schema}.add_ranges()`);
      // As processes leave it that die when they have begun runs in the last range, before they make the next: all but one
      // of the numbers are given, and that is too few for two runs.
      await reach(3 * rangeSize - 1);
      assert.equal(await hasRange(place, 1 + 2 * rangeSize), true);
      assert.equal(await hasRange(place, 1 + 3 * rangeSize), false);
      await store.prune({ olderThan: late });
      assert.equal(await hasRange(place, 1), false);
      for (const runId of ['run-1', 'run-2']) await assertJournal(store, runId, [runEntry(runId), ...eventsUpTo(1)]);
    },
  },
];
