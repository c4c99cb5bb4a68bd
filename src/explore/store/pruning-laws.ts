// Laws of stores that can delete runs: deleted runs are gone, all others stay, and runs in progress are left alone.
import assert from 'node:assert/strict';
import type { Entry } from '../../journal/entry.ts';
import type { PruneQuery, RunStatus, RunStore } from '../../port/store.ts';
import { assertJournal, assertRefused, assertSame, idsOf } from './law-assert.ts';
import { collected, endOf, eventEntry, eventsUpTo, graphOf, runEntry, stored } from './law-entries.ts';
import { pruningLaw } from './store-law.ts';
import type { StoreLaw } from './store-law.ts';

type PrunedStatus = Exclude<RunStatus, 'queued'>;
const statuses: readonly PrunedStatus[] = ['done', 'failed', 'cancelled', 'interrupted', 'paused', 'running'];

/** Adds a run with a status, last written to at a time. */
async function add(store: RunStore, runId: string, status: PrunedStatus, time: number, graph = 'desk'): Promise<void> {
  const lease = await store.create(runEntry(runId, graphOf(graph), time));
  if (status === 'interrupted' || status === 'paused') return store.release(lease, { status });
  if (status !== 'running') await store.append(lease, [endOf(status, time)]);
}

export const pruningLaws: readonly StoreLaw[] = [
  pruningLaw(
    'a deleted run is gone, labels and messages included, and all others are unchanged',
    async (store, another) => {
      for (const runId of ['a', 'b', 'c']) await store.append(await store.create(runEntry(runId)), eventsUpTo(1_500));
      await store.label('b', { step: 0, label: 'start' });
      await store.send('b', { kind: 'signal', name: 'go', value: 1, time: 1 });
      await store.delete('b');
      for (const one of [store, another()]) {
        assert.equal(await one.find('b'), undefined);
        assert.deepEqual(idsOf(await one.list({})), ['c', 'a']);
        assert.deepEqual(idsOf(await one.due('desk', 9)), ['a', 'c']);
        await assertRefused(() => collected(one.read('b')), 'run-unknown');
        await assertRefused(() => one.labels('b'), 'run-unknown');
        await assertRefused(() => one.delete('b'), 'run-unknown');
        for (const runId of ['a', 'c']) await assertJournal(one, runId, [runEntry(runId), ...eventsUpTo(1_500)]);
      }
      await store.create(runEntry('b'));
      assert.deepEqual(await store.labels('b'), []);
      assert.deepEqual(await store.inbox('b'), { last: 0, messages: [] });
      assert.deepEqual(idsOf(await store.list({})), ['b', 'c', 'a']);
    },
  ),
  pruningLaw(
    'a lease of a deleted run writes nothing, not even to a new run with its id',
    async (store, another, time) => {
      const long = stored({ text: 'x'.repeat(20_000) });
      const lost = await store.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 10 });
      await store.append(lost, [eventEntry('1.0#1', { data: long })]);
      const other = another();
      time.now = 10;
      await other.delete('run-1');
      await assertRefused(() => store.append(lost, [eventEntry('1.0#1')]), 'run-unknown');
      const lease = await other.create(runEntry('run-1'));
      await assertRefused(() => store.append(lost, [eventEntry('1.0#1')]), 'lease-lost');
      await assertRefused(() => store.release(lost), 'lease-lost');
      await other.append(lease, [endOf('done')]);
      await other.delete('run-1');
      const again = await store.create(runEntry('run-1'));
      assert.ok(again.token > lease.token && lease.token > lost.token, 'a later lease must have a higher token');
      await store.append(again, [eventEntry('1.0#1', { data: long })]);
      await assertJournal(another(), 'run-1', [runEntry('run-1'), eventEntry('1.0#1', { data: long })]);
    },
  ),
  pruningLaw('a run is not deleted while the claim of its owner holds', async (store, another, time) => {
    const lease = await store.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 100 });
    time.now = 99;
    await assertRefused(() => another().delete('run-1'), 'run-owned');
    const query = { olderThan: 1e9, status: statuses };
    assert.deepEqual(await another().prune(query), []);
    await store.append(lease, [eventEntry('1.0#1')]);
    await assertJournal(store, 'run-1', [runEntry('run-1'), eventEntry('1.0#1')]);
    await store.release(lease);
    await another().delete('run-1');
    await store.create(runEntry('run-2'), [], { owner: 'one', leaseMs: 100 });
    assert.deepEqual(await another().prune(query), []);
    time.now += 100;
    assert.deepEqual(idsOf(await another().prune(query)), ['run-2']);
  }),
  pruningLaw('ended runs are pruned, and others only on request', async (store, another) => {
    for (const status of statuses) await add(store, status, status, 10);
    const prune = async (query: Partial<PruneQuery>): Promise<readonly string[]> =>
      idsOf(await another().prune({ olderThan: 11, ...query }));
    assert.deepEqual(await prune({ status: 'failed' }), ['failed']);
    assert.deepEqual(await prune({}), ['done', 'cancelled']);
    assert.deepEqual(await prune({}), []);
    assert.deepEqual(idsOf(await store.list({})), ['running', 'paused', 'interrupted']);
    assert.deepEqual(await prune({ status: ['paused', 'done'] }), ['paused']);
    assert.deepEqual(await prune({ status: [] }), []);
    assert.deepEqual(await prune({ status: statuses }), ['interrupted', 'running']);
  }),
  pruningLaw('only runs last written to before the given time are pruned', async (store) => {
    const lease = await store.create(runEntry('begun long ago', graphOf(), 1));
    await store.append(lease, [endOf('done', 100)]);
    await add(store, 'older', 'done', 99);
    await add(store, 'newer', 'done', 101);
    const before = await store.find('older');
    assert.deepEqual(await store.prune({ olderThan: 100 }), [before]);
    assert.deepEqual(idsOf(await store.list({})), ['newer', 'begun long ago']);
  }),
  pruningLaw('the newest runs of each graph are kept, whatever their age', async (store, another) => {
    for (let index = 0; index < 5; index += 1) {
      await add(store, `a${index}`, index % 2 === 0 ? 'done' : 'failed', 10, 'a');
      await add(store, `a${index} paused`, 'paused', 10, 'a');
      await add(store, `b${index}`, 'done', 10, 'b');
    }
    await add(store, 'c0', 'done', 10, 'c');
    const query = { olderThan: 11 };
    assert.deepEqual(idsOf(await another().prune({ ...query, keep: 2, graph: 'b' })), ['b0', 'b1', 'b2']);
    assert.deepEqual(idsOf(await another().prune({ ...query, keep: 2, status: 'done' })), ['a0']);
    assert.deepEqual(idsOf(await another().prune({ ...query, keep: 2 })), ['a1', 'a2']);
    assert.deepEqual(idsOf(await another().prune({ ...query, keep: 1_000 })), []);
    assert.deepEqual(idsOf(await another().prune(query)), ['a3', 'b3', 'a4', 'b4', 'c0']);
    assert.equal((await store.list({})).length, 5);
  }),
  pruningLaw('pruning loses no concurrent write, and reports exactly what it deleted', async (store, another) => {
    for (let index = 0; index < 300; index += 1) await add(store, `old-${index}`, 'done', 10);
    const writer = another();
    const lease = await writer.create(runEntry('new', graphOf(), 20));
    const pruned = Promise.resolve(store.prune({ olderThan: 11 }));
    for (let ordinal = 0; ordinal < 100; ordinal += 1) await writer.append(lease, eventsUpTo(1, ordinal));
    assert.equal(new Set(idsOf(await pruned)).size, 300);
    assert.deepEqual(idsOf(await another().list({})), ['new']);
    await assertJournal(another(), 'new', [runEntry('new', graphOf(), 20), ...eventsUpTo(100)]);
  }),
  pruningLaw('a read of a run that is deleted meanwhile yields all of it, or an error', async (store, another) => {
    const all = [runEntry('run-1'), ...eventsUpTo(2_000), endOf('done')];
    const read = async (onFirst: () => unknown): Promise<readonly Entry[]> => {
      const entries: Entry[] = [];
      for await (const entry of another().read('run-1')) if (entries.push(entry) === 1) await onFirst();
      return entries;
    };
    for (const isReplaced of [false, true]) {
      await store.append(await store.create(runEntry('run-1')), all.slice(1));
      const reading = read(async () => {
        await store.delete('run-1');
        if (isReplaced) await store.append(await store.create(runEntry('run-1')), eventsUpTo(2_500, 7));
      });
      await reading.then(
        (entries) => assertSame(entries, all),
        (thrown) => assertRefused(() => Promise.reject(thrown), 'run-unknown'),
      );
    }
  }),
  pruningLaw('an invalid query deletes nothing', async (store) => {
    await add(store, 'run-1', 'done', 10);
    const queries: readonly object[] = [
      {},
      { olderThan: Number.NaN },
      { olderThan: '2020' },
      { olderThan: 11, keep: -1 },
      { olderThan: 11, keep: 1.5 },
      { olderThan: 11, status: 'finished' },
      { olderThan: 11, status: ['done', 'finished'] },
      { olderThan: 11, staus: 'done' },
    ];
    for (const query of queries) await assertRefused(() => store.prune(query as PruneQuery), 'option-invalid');
    assert.equal((await store.list({})).length, 1);
    await store.close();
    await assertRefused(() => store.delete('run-1'), 'store-closed');
    await assertRefused(() => store.prune({ olderThan: 11 }), 'store-closed');
  }),
];
