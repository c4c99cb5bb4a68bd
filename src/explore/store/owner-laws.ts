// Laws of owners: only the holder of a run writes to it, and an owner that dies loses it when its claim expires.
import assert from 'node:assert/strict';
import type { Claim, Lease, RunStore } from '../../port/store.ts';
import { assertJournal, assertRefused, idsOf, tamperWith } from './law-assert.ts';
import {
  endEntry,
  endOf,
  eventEntry,
  eventsUpTo,
  graphOf,
  noteEntry,
  restartEntry,
  runEntry,
  stored,
} from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw } from './store-law.ts';

const hourMs = 3_600_000;

function claimOf(owner: string, leaseMs = 100): Claim {
  return { owner, leaseMs };
}

export const ownerLaws: readonly StoreLaw[] = [
  law('a lost lease is refused, and writes nothing', async (place) => {
    const [first, second] = [place.connect(), place.connect()];
    const lost = await first.create(runEntry('run-1'));
    const lease = await second.take('run-1');
    await assertRefused(() => first.append(lost, [eventEntry('1.0#1'), endEntry()]), 'lease-lost');
    await assertRefused(() => first.release(lost), 'lease-lost');
    await assertRefused(() => first.release(lost, { status: 'paused', wakeAt: 5 }), 'lease-lost');
    await second.append(lease, [eventEntry('1.0#1', { ordinal: 7 })]);
    await assertRefused(() => first.append(lost, []), 'lease-lost');
    await assertJournal(first, 'run-1', [runEntry('run-1'), eventEntry('1.0#1', { ordinal: 7 })]);
    assert.equal((await first.find('run-1'))?.status, 'running');
  }),
  law('a run that has ended or was released has no owner until it is taken', async (place) => {
    const store = place.connect();
    const gives: Readonly<Record<string, (lease: Lease) => unknown>> = {
      done: (lease) => store.append(lease, [endOf('done')]),
      failed: (lease) => store.append(lease, [endOf('failed')]),
      cancelled: (lease) => store.append(lease, [eventEntry('1.0#1'), endOf('cancelled')]),
      interrupted: (lease) => store.release(lease),
      paused: (lease) => store.release(lease, { status: 'paused' }),
    };
    for (const [status, give] of Object.entries(gives)) {
      const lease = await store.create(runEntry(status), [], claimOf('one'));
      await give(lease);
      assert.equal((await store.find(status))?.status, status);
      await assertRefused(() => store.append(lease, [eventEntry('1.0#1')]), 'lease-lost');
      await assertRefused(() => store.release(lease), 'lease-lost');
      if (status === 'done' || status === 'cancelled') {
        await assertRefused(() => store.take(status), 'run-ended');
        await assertRefused(() => store.take(status, claimOf('one')), 'run-ended');
        continue;
      }
      const next = await store.take(status, claimOf('two'));
      assert.ok(next.token > lease.token, 'a later lease has a higher token');
      await store.append(next, [eventEntry('1.0#1')]);
      assert.equal((await store.find(status))?.status, 'running');
    }
  }),
  law('leases of different runs are independent', async (place) => {
    const store = place.connect();
    const one = await store.create(runEntry('one'));
    const two = await store.create(runEntry('two'));
    await place.connect().take('one');
    await store.append(two, [eventEntry('1.0#1')]);
    await assertRefused(() => store.append({ ...two, runId: 'one' }, [eventEntry('1.0#1')]), 'lease-lost');
    await assertRefused(() => store.append({ ...one, runId: 'three' }, [eventEntry('1.0#1')]), 'run-unknown');
    assert.equal((await store.find('one'))?.entryCount, 1);
  }),
  law('while the claim of an owner holds, no other owner can take its run', async ({ connect, time }) => {
    const [first, second] = [connect(), connect()];
    const lease = await first.create(runEntry('run-1'), [], claimOf('one', 100));
    await assertRefused(() => second.take('run-1', claimOf('two')), 'run-owned');
    time.now = 99;
    await assertRefused(() => second.take('run-1', claimOf('two')), 'run-owned');
    await first.append(lease, [eventEntry('1.0#1')]);
    time.now = 100;
    const taken = await second.take('run-1', claimOf('two', 50));
    await assertRefused(() => first.append(lease, [eventEntry('1.0#1')]), 'lease-lost');
    time.now = 149;
    await assertRefused(() => first.take('run-1', claimOf('one')), 'run-owned');
    await second.append(taken, [endEntry()]);
    await assertJournal(first, 'run-1', [runEntry('run-1'), eventEntry('1.0#1'), endEntry()]);
  }),
  law(
    'a claim blocks other owners only: its owner can take the run again, and so can a take without a claim',
    async (place) => {
      const store = place.connect();
      const first = await store.create(runEntry('run-1'), [], claimOf('one'));
      const second = await store.take('run-1', claimOf('one'));
      await assertRefused(() => store.append(first, [eventEntry('1.0#1')]), 'lease-lost');
      const third = await store.take('run-1');
      await assertRefused(() => store.append(second, [eventEntry('1.0#1')]), 'lease-lost');
      await store.append(third, [eventEntry('1.0#1')]);
      await store.take('run-1', claimOf('two'));
      await assertRefused(() => store.append(third, [eventEntry('1.0#1')]), 'lease-lost');
      await assertJournal(store, 'run-1', [runEntry('run-1'), eventEntry('1.0#1')]);
    },
  ),
  law('a take does not wait for the claim of an owner that is known to be gone', async (place) => {
    const store = place.connect();
    const lost = await store.create(runEntry('run-1'), [], claimOf('dead'));
    await store.create(runEntry('run-2'), [], claimOf('alive'));
    const claim: Claim = { ...claimOf('one'), isGone: (owner) => owner === 'dead' };
    await assertRefused(() => place.connect().take('run-2', claim), 'run-owned');
    const lease = await place.connect().take('run-1', claim);
    await assertRefused(() => store.append(lost, [eventEntry('1.0#1')]), 'lease-lost');
    await store.append(lease, [endEntry()]);
  }),
  law('a refused take changes neither the run, nor its owner, nor any claim', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'), [], claimOf('one', 100));
    await store.create(runEntry('run-2'), [], claimOf('two', 20));
    place.time.now = 10;
    await assertRefused(() => store.take('run-1', claimOf('two', 1_000)), 'run-owned');
    await store.append(lease, [eventEntry('1.0#1')]);
    place.time.now = 20;
    await store.take('run-2', claimOf('three', 500));
    place.time.now = 100;
    assert.deepEqual(idsOf(await store.due('desk', 9)), ['run-1']);
  }),
  law('renewing a claim covers all runs of its owner, and no others', async (place) => {
    const store = place.connect();
    for (const runId of ['a', 'b']) await store.create(runEntry(runId), [], claimOf('one', 100));
    await store.create(runEntry('c'), [], claimOf('two', 100));
    place.time.now = 90;
    await store.renew(claimOf('one', 100));
    place.time.now = 100;
    await store.take('c', claimOf('three'));
    place.time.now = 189;
    for (const runId of ['a', 'b'])
      await assertRefused(() => place.connect().take(runId, claimOf('three')), 'run-owned');
    place.time.now = 190;
    for (const runId of ['a', 'b']) await store.take(runId, claimOf('three'));
  }),
  law('of concurrent takes of one run, exactly one succeeds', async (place) => {
    const stores = [0, 1, 2, 3].map(() => place.connect());
    const store = stores[0] as RunStore;
    await store.release(await store.create(runEntry('run-1')));
    const results = await Promise.allSettled(
      stores.map(async (one, index) => one.take('run-1', claimOf(`owner ${index}`))),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') await assertRefused(() => Promise.reject(result.reason), 'run-owned');
      else await (stores[index] as RunStore).append(result.value, [eventEntry('1.0#1', { ordinal: index })]);
    }
    assert.equal((await store.find('run-1'))?.entryCount, 2);
  }),
  law('appending to a run and renewing its claim both report a cancel request', async (place) => {
    const [store, other] = [place.connect(), place.connect()];
    const lease = await store.create(runEntry('run-1'), [], claimOf('one'));
    await store.create(runEntry('run-2'), [], claimOf('one'));
    await store.create(runEntry('run-3'), [], claimOf('two'));
    assert.equal(await store.append(lease, [eventEntry('1.0#1')]), undefined);
    assert.deepEqual(await store.renew(claimOf('one')), []);
    const reason = stored({ by: 'ann', why: ['too slow', 7n] });
    await other.requestCancel('run-1', reason);
    // What is said first is the reason.
    await other.requestCancel('run-1', 'second');
    const expected = { runId: 'run-1', reason };
    for (let time = 0; time < 2; time += 1) {
      const heard = await store.append(lease, [eventEntry('1.0#1')]);
      assert.deepEqual(heard, expected);
      tamperWith(heard);
      for (const requests of [await store.renew(claimOf('one')), await other.cancelRequests('one')]) {
        assert.deepEqual(requests, [expected]);
        tamperWith(requests);
      }
    }
    assert.deepEqual(await other.cancelRequests('two'), []);
    assert.deepEqual(await store.renew(claimOf('nobody')), []);
    await store.append(lease, [endOf('cancelled')]);
    assert.deepEqual(await other.cancelRequests('one'), []);
    await assertRefused(() => other.requestCancel('run-1', 'again'), 'run-ended');
  }),
  law('a run that was to be cancelled says how it ended', async (place) => {
    const [store, other] = [place.connect(), place.connect()];
    for (const status of ['cancelled', 'done', 'failed'] as const) {
      const lease = await store.create(runEntry(status), [], claimOf('one'));
      await other.requestCancel(status, 'enough');
      await store.append(lease, [endOf(status)]);
      assert.equal((await other.find(status))?.status, status);
      if (status !== 'failed') await assertRefused(() => other.take(status, claimOf('two')), 'run-ended');
    }
  }),
  law('a cancel request for an idle run reaches its next owner', async (place) => {
    const store = place.connect();
    await store.release(await store.create(runEntry('run-1'), [], claimOf('one')), { status: 'paused' });
    await store.requestCancel('run-1', 'enough');
    assert.deepEqual(await store.cancelRequests('one'), []);
    if (store.requestedCancel !== undefined) {
      assert.deepEqual(await store.requestedCancel('run-1'), { runId: 'run-1', reason: 'enough' });
      await store.release(await store.create(runEntry('run-2')));
      assert.equal(await store.requestedCancel('run-2'), undefined);
      await assertRefused(() => store.requestedCancel?.('nobody'), 'run-unknown');
    }
    const lease = await place.connect().take('run-1', claimOf('two'));
    assert.deepEqual(await store.cancelRequests('two'), [{ runId: 'run-1', reason: 'enough' }]);
    assert.deepEqual(await store.append(lease, []), { runId: 'run-1', reason: 'enough' });
    await store.append(lease, [endOf('done')]);
    assert.equal(await store.requestedCancel?.('run-1'), undefined);
    for (const status of ['done', 'failed', 'cancelled'] as const) {
      await store.append(await store.create(runEntry(status)), [endOf(status)]);
      await assertRefused(() => store.requestCancel(status, 'enough'), 'run-ended');
    }
  }),
  law('due runs are those of a graph that nobody drives and that can resume now, oldest first', async (place) => {
    const store = place.connect();
    const release = async (runId: string, give?: Parameters<RunStore['release']>[1]): Promise<void> =>
      store.release(await store.create(runEntry(runId), [], claimOf('one')), give);
    await store.create(runEntry('crashed'), [], claimOf('dead', 40));
    await release('woken', { status: 'paused', wakeAt: 50 });
    await store.create(runEntry('driven'), [], claimOf('one', 1_000));
    await release('interrupted');
    await store.create(runEntry('queued'), [], { status: 'queued', wakeAt: 50 });
    await release('waits for ever', { status: 'paused' });
    await release('to be cancelled', { status: 'paused' });
    await store.requestCancel('to be cancelled', 'enough');
    await store.requestCancel('driven', 'enough');
    for (const status of ['done', 'failed', 'cancelled'] as const)
      await store.append(await store.create(runEntry(status), [], claimOf('one')), [endOf(status)]);
    await store.create(runEntry('nobody claimed it'));
    const dueAt = async (now: number, limit = 10): Promise<readonly string[]> => {
      place.time.now = now;
      return idsOf(await place.connect().due('desk', limit));
    };
    assert.deepEqual(await dueAt(39), ['interrupted', 'to be cancelled', 'nobody claimed it']);
    assert.deepEqual(await dueAt(40), ['crashed', 'interrupted', 'to be cancelled', 'nobody claimed it']);
    const all = ['crashed', 'woken', 'interrupted', 'queued', 'to be cancelled', 'nobody claimed it'];
    assert.deepEqual(await dueAt(50), all);
    assert.deepEqual(await dueAt(50, 2), all.slice(0, 2));
    assert.deepEqual(await dueAt(50, 0), []);
    assert.deepEqual(await store.due('other', 10), []);
    await store.take('crashed', claimOf('two', 2_000));
    assert.deepEqual(await dueAt(60), all.slice(1));
    assert.deepEqual((await store.due('desk', 1))[0], await store.find('woken'));
  }),
  law('a run of an owner that is known to be gone is due before its claim expires', async (place) => {
    const store = place.connect();
    await store.create(runEntry('run-1'), [], claimOf('dead', 1_000));
    await store.create(runEntry('run-2'), [], claimOf('alive', 1_000));
    const dueAt = async (isGone?: Claim['isGone']): Promise<readonly string[]> =>
      idsOf(await place.connect().due('desk', 9, isGone));
    assert.deepEqual(await dueAt((owner) => owner === 'dead'), ['run-1']);
    assert.deepEqual(await dueAt(() => false), []);
    assert.deepEqual(await dueAt(), []);
  }),
  law('a claim holds by the clock of the store, whatever times its callers write', async (place) => {
    const store = place.connect();
    const start = 10 * hourMs;
    place.time.now = start;
    const skews = [-hourMs, 0, hourMs];
    const names = skews.map((aheadMs) => `by ${aheadMs}`);
    for (const aheadMs of skews) {
      const time = start + aheadMs;
      const lease = await store.create(runEntry(`by ${aheadMs}`, graphOf(), time), [], claimOf(`owner ${aheadMs}`));
      await store.append(lease, [eventEntry('1.0#1', { observed: { time } })]);
      // Someone else, by another clock again.
      await store.send(`by ${aheadMs}`, { kind: 'signal', name: 'go', value: 1, time: start - aheadMs });
    }
    place.time.now = start + 99;
    assert.deepEqual(idsOf(await place.connect().due('desk', 9)), []);
    for (const name of names) await assertRefused(() => place.connect().take(name, claimOf('other')), 'run-owned');
    place.time.now = start + 100;
    assert.deepEqual(idsOf(await place.connect().due('desk', 9)), names);
    for (const name of names) await place.connect().take(name, claimOf('other'));
  }),
  law('a store that tells the time tells that by which it reckons claims', async (place) => {
    const store = place.connect();
    for (const now of [5, 1_000, 40]) {
      place.time.now = now;
      const time = await store.time?.();
      assert.ok(time === undefined || time === now, `it is ${String(time)}, and not ${now}`);
    }
  }),
  law('after its clock was set back, a claim holds while it is renewed, and for its own length', async (place) => {
    const store = place.connect();
    const dueAt = async (now: number): Promise<readonly string[]> => {
      place.time.now = now;
      return idsOf(await place.connect().due('desk', 9));
    };
    place.time.now = 1_000_000;
    await store.create(runEntry('run-1'), [], claimOf('renews'));
    await store.create(runEntry('run-2'), [], claimOf('dead'));
    // By less than the length of a claim: nothing to doubt.
    place.time.now = 1_100;
    await store.create(runEntry('run-3'), [], claimOf('near'));
    assert.deepEqual(await dueAt(1_000), []);
    assert.deepEqual(await dueAt(1_040), []);
    await store.renew(claimOf('renews'));
    assert.deepEqual(await dueAt(1_099), []);
    assert.deepEqual(await dueAt(1_100), ['run-2']);
    assert.deepEqual(await dueAt(1_139), ['run-2']);
    assert.deepEqual(await dueAt(1_140), ['run-1', 'run-2']);
    assert.deepEqual(await dueAt(1_199), ['run-1', 'run-2']);
    assert.deepEqual(await dueAt(1_200), ['run-1', 'run-2', 'run-3']);
    // A take sees it as well.
    place.time.now = 1_000_000;
    await store.create(runEntry('run-4'), [], claimOf('ahead'));
    for (const now of [2_000, 2_099]) {
      place.time.now = now;
      await assertRefused(() => store.take('run-4', claimOf('one')), 'run-owned');
    }
    place.time.now = 2_100;
    await store.take('run-4', claimOf('one'));
  }),
  law('takeovers from owners that did not release a run are counted until its journal grows', async (place) => {
    const store = place.connect();
    const takenBy = async (owner: string): Promise<Lease> => {
      place.time.now += 1_000;
      return place.connect().take('run-1', claimOf(owner));
    };
    await store.create(runEntry('run-1'), [], claimOf('one'));
    for (let count = 1; count <= 3; count += 1) assert.equal((await takenBy(`owner ${count}`)).takeovers, count);
    // Its own owner, and one that released it.
    const lease = await takenBy('owner 3');
    assert.equal(lease.takeovers, 3);
    await store.release(lease, { status: 'paused' });
    const again = await takenBy('owner 4');
    assert.equal(again.takeovers, 3);
    assert.equal((await store.find('run-1'))?.takeovers ?? 3, 3);
    await store.append(again, [restartEntry('1.0#1'), noteEntry('1.0#1')]);
    const fourth = await takenBy('owner 5');
    assert.equal(fourth.takeovers, 4);
    await store.append(fourth, [restartEntry('1.0#1'), eventEntry('1.0#1')]);
    const first = await takenBy('owner 6');
    assert.equal(first.takeovers, 1);
    await store.append(first, [endOf('failed')]);
    assert.equal((await takenBy('owner 7')).takeovers, 0);
  }),
  law('a lease says that the owner before it lives, if that had not released the run', async (place) => {
    const store = place.connect();
    const takenBy = async (owner: string, now: number): Promise<Lease> => {
      place.time.now = now;
      const isGone = (other: string): boolean | undefined => (other === 'unknown' ? undefined : other === 'dead');
      return place.connect().take('run-1', { ...claimOf(owner), isGone });
    };
    const isFromLiving = async (owner: string, now: number): Promise<boolean | undefined> =>
      (await takenBy(owner, now)).isFromLiving;
    await store.create(runEntry('run-1'), [], claimOf('one'));
    assert.equal(await isFromLiving('unknown', 1_000), true);
    assert.equal(await isFromLiving('dead', 2_000), undefined);
    assert.equal(await isFromLiving('two', 3_000), undefined);
    assert.equal(await isFromLiving('two', 3_050), undefined);
    const lease = await takenBy('three', 4_000);
    assert.equal(lease.isFromLiving, true);
    assert.equal(lease.takeovers, 2);
    await store.release(lease, { status: 'paused' });
    assert.equal(await isFromLiving('four', 4_050), undefined);
  }),
  law('a paused run keeps its wake time until it is taken', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'), [], claimOf('one'));
    await store.release(lease, { status: 'paused', wakeAt: 70 });
    const found = await place.connect().find('run-1');
    assert.deepEqual([found?.status, found?.wakeAt], ['paused', 70]);
    const next = await store.take('run-1', claimOf('two'));
    const taken = await store.find('run-1');
    assert.deepEqual([taken?.status, taken?.wakeAt], ['running', undefined]);
    await store.release(next, { status: 'paused' });
    assert.equal((await store.find('run-1'))?.wakeAt, undefined);
    place.time.now = Number.MAX_SAFE_INTEGER;
    assert.deepEqual(await store.due('desk', 9), []);
  }),
  law('a queued run has no owner, and keeps its time until it is taken', async (place) => {
    const store = place.connect();
    await store.create(runEntry('run-1'), eventsUpTo(1), { status: 'queued', wakeAt: 70 });
    const other = place.connect();
    const queued = await other.find('run-1');
    assert.deepEqual([queued?.status, queued?.wakeAt], ['queued', 70]);
    assert.deepEqual(idsOf(await other.list({ status: 'queued' })), ['run-1']);
    place.time.now = 69;
    assert.deepEqual(idsOf(await other.due('desk', 9)), []);
    place.time.now = 70;
    assert.deepEqual(idsOf(await other.due('desk', 9)), ['run-1']);
    await assertRefused(() => other.create(runEntry('run-1'), [], { status: 'queued', wakeAt: 0 }), 'run-exists');
    const lease = await other.take('run-1', claimOf('two'));
    const taken = await store.find('run-1');
    assert.deepEqual([taken?.status, taken?.wakeAt], ['running', undefined]);
    await other.append(lease, [endOf('done')]);
    assert.equal((await store.find('run-1'))?.status, 'done');
  }),
  law('a queued run can be cancelled before its time', async (place) => {
    const store = place.connect();
    await store.create(runEntry('run-1'), [], { status: 'queued', wakeAt: 70 });
    await store.requestCancel('run-1', 'enough');
    assert.deepEqual(idsOf(await store.due('desk', 9)), ['run-1']);
  }),
  law('a closed store refuses writes, and may be closed again', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'), eventsUpTo(1));
    await store.close();
    await store.close();
    await assertRefused(() => store.append(lease, [endEntry()]), 'store-closed');
    await assertRefused(() => store.create(runEntry('run-2')), 'store-closed');
    await assertRefused(() => store.take('run-1'), 'store-closed');
    await assertRefused(() => store.release(lease), 'store-closed');
    await assertRefused(() => store.renew(claimOf('one')), 'store-closed');
    await assertRefused(() => store.requestCancel('run-1', 'enough'), 'store-closed');
    await assertRefused(() => store.label('run-1', { step: 0, label: 'start' }), 'store-closed');
  }),
];
