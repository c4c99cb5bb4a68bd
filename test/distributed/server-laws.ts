// What a store on a server has to keep beyond the laws of all stores: over several connections, clocks that are apart, and a
// way to the server that loses answers.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { RepriseError } from '../../src/base/error.ts';
import { assertJournal, idsOf } from '../../src/explore/store/law-assert.ts';
import {
  collected,
  effectEntry,
  endOf,
  eventEntry,
  eventsUpTo,
  graphOf,
  lawGraph,
  runEntry,
  runEntryOf,
  stored,
} from '../../src/explore/store/law-entries.ts';
import type { Message } from '../../src/port/inbox.ts';
import type { Claim, Lease, PrunableStore } from '../../src/port/store.ts';
import type { PostgresPool, PostgresStoreOptions } from '../../src/store/postgres/index.ts';
import { lossyPool } from './pools.ts';
import { untilBlocked } from './waiting.ts';

/** A place of a law. `open`: the store under test, over this pool or one like it, in a process whose clock is so far ahead. */
export interface ServerPlace {
  readonly pool: pg.Pool;
  readonly schema: string;
  open(pool?: PostgresPool, options?: PostgresStoreOptions, aheadMs?: number): PrunableStore;
}

export interface ServerLaw {
  readonly name: string;
  check(place: ServerPlace): Promise<void>;
}

const hourMs = 3_600_000;
const leaseMs = 30_000;

export function claimOf(owner: string): Claim {
  return { owner, leaseMs };
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (thrown) {
    if (thrown instanceof RepriseError) return thrown.code;
    throw thrown;
  }
}

export const signal = stored({ kind: 'signal', name: 'go', value: 1, time: 50 }) as unknown as Message;
const taking = (message: number) => effectEntry('1.0#1', { observed: { began: 1, ended: 2, message } });

/** What a run of the store is like, for comparison. */
async function sightOf(store: PrunableStore, runId: string): Promise<unknown> {
  const found = await store.find(runId);
  if (found === undefined) return 'no such run';
  const { status, entryCount, wakeAt } = found;
  const inbox = await store.inbox(runId);
  const entries = (await collected(store.read(runId))).slice(1);
  return { status, entryCount, wakeAt, entries, inbox, labels: await store.labels(runId) };
}

/** Everything that a store is asked for, one after another. */
const operations: Readonly<Record<string, (store: PrunableStore, id: (name: string) => string) => Promise<void>>> = {
  'a run that is begun, written and ended': async (store, id) => {
    const lease = await store.create(runEntry(id('run-1')), eventsUpTo(1), claimOf(id('one')));
    await store.append(lease, eventsUpTo(2, 1), undefined, 2);
    await store.append(lease, eventsUpTo(1, 3));
    await store.append(lease, [...eventsUpTo(1, 4), endOf('done')], undefined, 5);
  },
  'a run that ends without its place': async (store, id) => {
    const lease = await store.create(runEntry(id('run-1')));
    await store.append(lease, [endOf('failed')]);
    await store.append(await store.take(id('run-1'), claimOf(id('one'))), eventsUpTo(1));
  },
  'runs that are written together': async (store, id) => {
    const leases = await Promise.all([1, 2, 3].map((number) => store.create(runEntry(id(`run-${number}`)))));
    for (let from = 0; from < 3; from += 1)
      await Promise.all(leases.map((lease) => store.append(lease, eventsUpTo(1, from), undefined, from + 1)));
    await Promise.all(leases.map((lease) => store.append(lease, [endOf('done')], undefined, 4)));
  },
  'a run that rests, is sent a signal and taken': async (store, id) => {
    const lease = await store.create(runEntry(id('run-1')), [], claimOf(id('one')));
    await store.release(lease, { status: 'paused', wakeAt: 9_000, seen: 0 });
    assert.equal(await store.send(id('run-1'), signal), 1);
    assert.equal(await store.send(id('run-1'), signal, 1), 2);
    assert.equal(await store.send(id('run-1'), signal, 1), undefined);
    const next = await store.take(id('run-1'), { ...claimOf(id('two')), isGone: () => undefined });
    assert.equal(next.takeovers, 0);
    await store.append(next, [taking(1)], undefined, 1);
    assert.equal(await store.send(id('run-1'), signal), 3);
    await store.release(next);
  },
  'a run that is queued, labelled and cancelled': async (store, id) => {
    await store.create(runEntry(id('run-1')), eventsUpTo(1), { status: 'queued', wakeAt: 0 });
    await store.label(id('run-1'), { step: 0, label: 'start' });
    await store.requestCancel(id('run-1'), 'enough');
    const lease = await store.take(id('run-1'), claimOf(id('one')));
    assert.deepEqual(await store.renew(claimOf(id('one'))), [{ runId: id('run-1'), reason: 'enough' }]);
    assert.deepEqual(await store.cancelRequests(id('one')), [{ runId: id('run-1'), reason: 'enough' }]);
    await store.append(lease, [endOf('cancelled')], undefined, 2);
  },
  'runs that are claimed': async (store, id) => {
    for (const name of ['run-1', 'run-2', 'run-3'])
      await store.create(runEntry(id(name), graphOf(id('graph'))), [], { status: 'queued', wakeAt: 0 });
    const claimed = await store.claimDue?.({ graphs: [lawGraph(id('graph'))], claim: claimOf(id('one')), limit: 3 });
    assert.deepEqual(
      claimed?.map(({ was }) => was.runId),
      [id('run-1'), id('run-2'), id('run-3')],
    );
    for (const { lease } of claimed ?? []) await store.append(lease, eventsUpTo(1), undefined, 1);
  },
  'a large value': async (store, id) => {
    const lease = await store.create(runEntry(id('run-1')));
    const data = stored(Array.from({ length: 700 }, (_unused, index) => `${index} ${'x'.repeat(800)}`));
    await store.append(lease, [eventEntry('1.0#1', { data })], undefined, 1);
  },
  'a run that is deleted': async (store, id) => {
    await store.release(await store.create(runEntry(id('run-1')), eventsUpTo(1)));
    await store.create(runEntry(id('run-2')), eventsUpTo(1));
    await store.delete(id('run-1'));
  },
};

const runIds = ['run-1', 'run-2', 'run-3'];
const noLoss = ['before'] as const;
/** What never arrived is simply sent again, so only a long run looks at that too. */
const losses = process.env.REPRISE_TEST_SIZE === 'long' ? (['after', 'before'] as const) : (['after'] as const);

function lostAnswerLaw(what: string, work: (typeof operations)[string]): ServerLaw {
  return {
    name: `after an answer was lost at any statement it is the same: ${what}`,
    async check(place) {
      let expected: unknown;
      for (let at = -1, count = 0; at < count; at += 1) {
        for (const when of at < 0 ? noLoss : losses) {
          const pool = lossyPool(place.pool, at, when);
          const store = place.open(pool);
          const id = (name: string): string => `${name} ${when} ${at}`;
          await work(store, id);
          const sight = await Promise.all(runIds.map((name) => sightOf(store, id(name))));
          expected ??= sight;
          assert.deepEqual(sight, expected, `lost ${when} statement ${at}`);
          if (at < 0) ({ count } = pool);
        }
      }
    },
  };
}

export const serverLaws: readonly ServerLaw[] = [
  {
    name: 'a take that waits for the lock of another take is refused',
    async check({ pool, open }) {
      const second = open();
      await second.release(await second.create(runEntry('run-1'), [], claimOf('before')));
      const connection = await pool.connect();
      try {
        const first = open({ query: (text, values) => connection.query(text, values) });
        await connection.query('BEGIN');
        await first.take('run-1', claimOf('first'));
        const waits = codeOf(second.take('run-1', claimOf('second')) as Promise<Lease>);
        await untilBlocked(pool, connection, waits);
        await connection.query('COMMIT');
        assert.equal(await waits, 'run-owned');
      } finally {
        connection.release();
      }
    },
  },
  {
    name: 'a message that is sent while its run goes to rest wakes it',
    async check({ pool, open }) {
      const store = open();
      const lease = await store.create(runEntry('run-1'), [], claimOf('one'));
      const connection = await pool.connect();
      try {
        const sender = open({ query: (text, values) => connection.query(text, values) });
        await connection.query('BEGIN');
        await sender.send('run-1', signal);
        const released = Promise.resolve(store.release(lease, { status: 'paused', seen: 0 }));
        await untilBlocked(pool, connection, released);
        await connection.query('COMMIT');
        await released;
        assert.deepEqual(idsOf(await store.due('desk', 9)), ['run-1']);
      } finally {
        connection.release();
      }
    },
  },
  {
    name: 'of four that take each of five hundred runs, one gets it',
    async check({ open }) {
      const first = open();
      const names = Array.from({ length: 500 }, (_unused, index) => `run-${index}`);
      await Promise.all(names.map((name) => first.create(runEntry(name), [], { status: 'queued', wakeAt: 0 })));
      const takers = [0, 1, 2, 3].map(() => open());
      const takenBy = await Promise.all(
        takers.map((store, index) =>
          Promise.all(
            names.map(async (name) => {
              const taken = await Promise.resolve(store.take(name, claimOf(`taker ${index}`))).catch(
                (thrown: unknown) => thrown,
              );
              if (!(taken instanceof RepriseError)) return taken as Lease;
              assert.equal(taken.code, 'run-owned');
              return undefined;
            }),
          ),
        ),
      );
      for (const [number, name] of names.entries()) {
        const holders = takers.flatMap((_store, index) => takenBy[index]?.[number] ?? []);
        assert.equal(holders.length, 1, `${name} was taken ${holders.length} times`);
      }
      await Promise.all(
        takers.map((store, index) =>
          Promise.all((takenBy[index] ?? []).map((lease) => lease && store.append(lease, eventsUpTo(1), undefined, 1))),
        ),
      );
    },
  },
  {
    name: 'processes whose clocks are an hour apart neither take live runs nor keep dead ones',
    async check({ open }) {
      const shortMs = 300;
      const stores = [-hourMs, 0, hourMs].map((aheadMs) => open(undefined, {}, aheadMs));
      for (const [index, store] of stores.entries()) {
        const runId = `run-${index}`;
        await store.create(runEntry(runId), [], claimOf(runId));
        for (const other of stores) {
          assert.equal(await codeOf(other.take(runId, claimOf('other')) as Promise<Lease>), 'run-owned');
          assert.deepEqual(idsOf(await other.due('desk', 9)), []);
          assert.deepEqual(await other.claimDue?.({ graphs: [lawGraph()], claim: claimOf('other'), limit: 9 }), []);
        }
      }
      const dead = ['dead-0', 'dead-1', 'dead-2'];
      for (const [index, store] of stores.entries())
        await store.create(runEntry(dead[index] as string), [], { owner: `dead-${index}`, leaseMs: shortMs });
      await pause(shortMs + 50);
      for (const store of stores) assert.deepEqual(idsOf(await store.due('desk', 9)), dead);
      for (const [index, store] of stores.toReversed().entries())
        await store.take(dead[index] as string, claimOf('other'));
    },
  },
  {
    name: 'a run whose end is committed late is named by a later round, though others have ended since',
    async check({ pool, open }) {
      const store = open();
      const early = await store.create(runEntry('early'), [], claimOf('one'));
      const late = await store.create(runEntry('late'), [], claimOf('one'));
      const connection = await pool.connect();
      try {
        const slow = open({ query: (text, values) => connection.query(text, values) });
        await connection.query('BEGIN');
        await slow.append(early, [endOf('done')], undefined, 1);
        await store.append(late, [endOf('done')], undefined, 1);
        const before = await store.changes?.({ limit: 9 });
        // Of the first it is seen that it is driven, as it was.
        const seen = before?.runs.map(({ runId, status }) => `${runId} ${status}`).toSorted();
        assert.deepEqual(seen, ['early running', 'late done']);
        await connection.query('COMMIT');
        const after = await store.changes?.({ limit: 9, after: before?.cursor });
        const found = after?.runs.find(({ runId }) => runId === 'early');
        assert.equal(found?.status, 'done');
      } finally {
        connection.release();
      }
      // What all have seen is named no more.
      const last = await store.changes?.({ limit: 9, after: (await store.changes({ limit: 9 })).cursor });
      assert.deepEqual(last?.runs, []);
    },
  },
  {
    name: 'a claim that looks at the limit of tenants waits for one that is under way, and sees what that has taken',
    async check({ pool, open }) {
      const second = open();
      const queue = { status: 'queued', wakeAt: 0 } as const;
      for (const runId of ['run-1', 'run-2']) await second.create(runEntryOf('big', runId), [], queue);
      await second.create(runEntryOf('big', 'run-3', graphOf('other')), [], queue);
      const connection = await pool.connect();
      try {
        const first = open({ query: (text, values) => connection.query(text, values) });
        const query = (owner: string, graph: string) => ({
          graphs: [lawGraph(graph)],
          claim: claimOf(owner),
          limit: 2,
          maxRunsPerTenant: 2,
        });
        await connection.query('BEGIN');
        assert.equal((await first.claimDue?.(query('first', 'desk')))?.length, 2);
        const waits = Promise.resolve(second.claimDue?.(query('second', 'other')));
        await untilBlocked(pool, connection, waits);
        await connection.query('COMMIT');
        assert.deepEqual(await waits, []);
      } finally {
        connection.release();
      }
    },
  },
  {
    name: 'of runs that are written together, only the one fails whose entries the server refuses',
    async check({ pool, schema, open }) {
      const store = open();
      const leases = await Promise.all(
        Array.from({ length: 8 }, (_unused, index) => store.create(runEntry(`run-${index}`))),
      );
      await pool.query(`ALTER TABLE ${schema}.entry ADD CHECK (json NOT LIKE '%poison%')`);
      const results = await Promise.all(
        leases.map((lease, index) =>
          codeOf(
            Promise.resolve(
              store.append(lease, [eventEntry('1.0#1', { data: index === 3 ? 'poison' : 'water' })], undefined, 1),
            ),
          ),
        ),
      );
      assert.deepEqual(
        results.map((code) => code === 'done'),
        leases.map((_lease, index) => index !== 3),
      );
      await store.append(leases[3] as Lease, eventsUpTo(1), undefined, 1);
      await assertJournal(store, 'run-3', [runEntry('run-3'), ...eventsUpTo(1)]);
    },
  },
  {
    name: 'tables are made, whichever answer is lost meanwhile, and where others make them at the same time',
    async check({ pool, schema, open }) {
      for (let at = 0, count = 1; at < count; at += 1) {
        await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
        const lossy = lossyPool(pool, at);
        await Promise.all([open(lossy).list({}), open().list({}), open().create(runEntry('run-1'))]);
        assert.deepEqual(idsOf(await open().list({})), ['run-1']);
        count = Math.min(lossy.count, 4);
      }
    },
  },
  ...Object.entries(operations).map(([what, work]) => lostAnswerLaw(what, work)),
];
