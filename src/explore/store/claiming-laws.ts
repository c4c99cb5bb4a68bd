// Laws of stores that take what is due in one step: a worker gets what `due` lists, and nobody else gets it.
import assert from 'node:assert/strict';
import type { Claim, ClaimedRun, DueQuery, Lease, RunStore } from '../../port/store.ts';
import { assertJournal, assertRefused, idsOf } from './law-assert.ts';
import { endOf, eventsUpTo, graphOf, lawGraph, runEntry, runEntryOf } from './law-entries.ts';
import { law } from './store-law.ts';
import type { LawTime, StoreLaw, StorePlace } from './store-law.ts';

interface ClaimingStore extends RunStore {
  claimDue(query: DueQuery): ReturnType<NonNullable<RunStore['claimDue']>>;
}

export function canClaimDue(store: RunStore): store is ClaimingStore {
  return typeof (store as Partial<ClaimingStore>).claimDue === 'function';
}

function connected(place: StorePlace): ClaimingStore {
  const store = place.connect();
  if (!canClaimDue(store)) throw new TypeError('the store has no `claimDue`');
  return store;
}

function claimOf(owner: string): Claim {
  return { owner, leaseMs: 1_000 };
}

const claimedIds = (claimed: readonly ClaimedRun[]): readonly string[] => idsOf(claimed.map(({ was }) => was));

/** Runs that are due at 50, and some that are not: it is 50 then. */
async function addRuns(store: RunStore, time: LawTime): Promise<readonly string[]> {
  const crashed = { owner: 'dead', leaseMs: 10 };
  await store.create(runEntry('crashed'), [], crashed);
  await store.create(runEntry('driven'), [], { owner: 'alive', leaseMs: 1_000 });
  await store.create(runEntry('queued'), [], { status: 'queued', wakeAt: 40 });
  await store.create(runEntry('later'), [], { status: 'queued', wakeAt: 60 });
  await store.create(runEntry('of another', graphOf('other')), [], crashed);
  await store.release(await store.create(runEntry('interrupted')));
  await store.release(await store.create(runEntry('woken')), { status: 'paused', wakeAt: 50 });
  await store.release(await store.create(runEntry('asleep')), { status: 'paused', wakeAt: 51 });
  await store.append(await store.create(runEntry('failed')), [endOf('failed')]);
  await store.release(await store.create(runEntry('cancelled')), { status: 'paused' });
  await store.requestCancel('cancelled', 'enough');
  time.now = 50;
  return ['crashed', 'queued', 'interrupted', 'woken', 'cancelled'];
}

export const claimingLaws: readonly StoreLaw[] = [
  law('the due runs that are claimed are those that `due` lists, as they were, oldest first', async (place) => {
    const store = connected(place);
    const due = await addRuns(store, place.time);
    const listed = await store.due('desk', 9);
    assert.deepEqual(idsOf(listed), due);
    const query = { graphs: [lawGraph()], claim: claimOf('one') };
    assert.deepEqual(await store.claimDue({ ...query, limit: 0 }), []);
    const first = await connected(place).claimDue({ ...query, limit: 2, skip: ['queued'] });
    assert.deepEqual(claimedIds(first), ['crashed', 'interrupted']);
    assert.deepEqual(
      first.map(({ was }) => was),
      [listed[0], listed[2]],
    );
    assert.deepEqual(idsOf(await store.due('desk', 9)), ['queued', 'woken', 'cancelled']);
    const rest = await store.claimDue({ graphs: [lawGraph('other'), lawGraph()], claim: claimOf('two'), limit: 9 });
    assert.deepEqual(claimedIds(rest), ['queued', 'of another', 'woken', 'cancelled']);
    assert.deepEqual(await store.claimDue({ ...query, limit: 9 }), []);
  }),
  law("a run that was claimed is its owner's alone, and is written like any other", async (place) => {
    const store = connected(place);
    const lost = await store.create(runEntry('run-1'), [], { owner: 'dead', leaseMs: 10 });
    place.time.now = 50;
    const [claimed] = await store.claimDue({ graphs: [lawGraph()], claim: claimOf('one'), limit: 1 });
    assert.ok(claimed !== undefined && claimed.lease.runId === 'run-1' && claimed.lease.token > lost.token);
    assert.equal(claimed.lease.takeovers, 1);
    await assertRefused(() => store.append(lost, eventsUpTo(1)), 'lease-lost');
    await assertRefused(() => place.connect().take('run-1', claimOf('two')), 'run-owned');
    assert.equal((await store.find('run-1'))?.status, 'running');
    await store.append(claimed.lease, eventsUpTo(2), undefined, 1);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(2)]);
    place.time.now = 1_049;
    assert.deepEqual(idsOf(await store.due('desk', 9)), []);
    place.time.now = 1_050;
    assert.deepEqual(idsOf(await store.due('desk', 9)), ['run-1'], 'the claim expires');
  }),
  law('of several that claim at once, one gets each run that is due', async (place) => {
    const stores = [0, 1, 2, 3].map(() => connected(place));
    const names = Array.from({ length: 40 }, (_unused, index) => `run-${index}`);
    for (const name of names) await (stores[0] as RunStore).create(runEntry(name), [], { status: 'queued', wakeAt: 0 });
    const claimed: string[] = [];
    for (let round = 0; claimed.length < names.length; round += 1) {
      assert.ok(round <= names.length, 'each round gets further');
      const given = await Promise.all(
        stores.map(async (store, index) =>
          store.claimDue({ graphs: [lawGraph()], claim: claimOf(`owner ${index}`), limit: 3 }),
        ),
      );
      claimed.push(...claimedIds(given.flat()));
    }
    assert.deepEqual([...claimed].sort(), [...names].sort());
  }),
  law('a run that was claimed from the queue can be put back there', async (place) => {
    const store = connected(place);
    await store.create(runEntry('run-1'), [], { status: 'queued', wakeAt: 40 });
    place.time.now = 50;
    const [claimed] = await store.claimDue({ graphs: [lawGraph()], claim: claimOf('one'), limit: 1 });
    assert.ok(claimed !== undefined);
    await store.release(claimed.lease, { status: 'queued', wakeAt: 40 });
    const found = await place.connect().find('run-1');
    assert.deepEqual([found?.status, found?.wakeAt], ['queued', 40]);
    place.time.now = 39;
    assert.deepEqual(idsOf(await store.due('desk', 9)), []);
    place.time.now = 40;
    assert.deepEqual(claimedIds(await store.claimDue({ graphs: [lawGraph()], claim: claimOf('two'), limit: 1 })), [
      'run-1',
    ]);
  }),
  law('of the runs that are due the oldest of the tenant that is served least comes first', async (place) => {
    const store = connected(place);
    const queue = { status: 'queued', wakeAt: 0 } as const;
    for (let number = 0; number < 6; number += 1) await store.create(runEntryOf('big', `big-${number}`), [], queue);
    await store.create(runEntry('free-0'), [], queue);
    for (const number of [0, 1]) await store.create(runEntryOf('small', `small-${number}`), [], queue);
    await store.create(runEntry('free-1'), [], queue);
    const claim = async (limit: number, skip: readonly string[] = []): Promise<readonly string[]> =>
      claimedIds(await store.claimDue({ graphs: [lawGraph()], claim: claimOf('one'), limit, skip }));
    assert.deepEqual(await claim(4), ['big-0', 'big-1', 'free-0', 'small-0']);
    // Two of "big" are driven, and one of each other.
    assert.deepEqual(await claim(2), ['small-1', 'free-1']);
    assert.deepEqual(await claim(1, ['big-2']), ['big-3']);
    // One that dies is served no more.
    await store.create(runEntryOf('small', 'small-2'), [], queue);
    await store.create(runEntryOf('other', 'other-0'), [], queue);
    assert.deepEqual(await claim(1), ['other-0']);
    place.time.now = 1_000;
    const after = await connected(place).claimDue({ graphs: [lawGraph()], claim: claimOf('two'), limit: 3 });
    assert.deepEqual(claimedIds(after), ['big-0', 'free-0', 'small-0']);
  }),
  law('no tenant has more runs driven at once than it may', async (place) => {
    const store = connected(place);
    const queue = { status: 'queued', wakeAt: 0 } as const;
    for (let number = 0; number < 5; number += 1) {
      await store.create(runEntryOf('big', `big-${number}`), [], queue);
      await store.create(runEntry(`free-${number}`), [], queue);
    }
    const claim = async (owner: string): Promise<readonly ClaimedRun[]> =>
      connected(place).claimDue({ graphs: [lawGraph()], claim: claimOf(owner), limit: 9, maxRunsPerTenant: 2 });
    const first = await claim('one');
    assert.deepEqual(claimedIds(first), ['big-0', 'free-0', 'big-1', 'free-1', 'free-2', 'free-3', 'free-4']);
    assert.deepEqual(await claim('two'), []);
    // Whatever graph they are of.
    await store.create(runEntryOf('big', 'of another', graphOf('other')), [], queue);
    const other = { graphs: [lawGraph('other')], claim: claimOf('two'), limit: 9, maxRunsPerTenant: 2 };
    assert.deepEqual(await store.claimDue(other), []);
    await store.append(first[0]?.lease as Lease, [endOf('done')]);
    assert.deepEqual(claimedIds(await claim('two')), ['big-2']);
    await store.release(first[2]?.lease as Lease, { status: 'paused', wakeAt: 0 });
    assert.deepEqual(claimedIds(await claim('two')), ['big-1']);
    // What is left of owners that have died does not count.
    place.time.now = 1_000;
    assert.deepEqual(claimedIds(await claim('three')).slice(0, 1), ['free-0']);
  }),
  law('of several that claim at once, none exceeds what a tenant may have', async (place) => {
    const stores = [0, 1, 2, 3].map(() => connected(place));
    for (let number = 0; number < 20; number += 1)
      await (stores[0] as RunStore).create(runEntryOf('big', `big-${number}`), [], { status: 'queued', wakeAt: 0 });
    const given = await Promise.all(
      stores.map(async (store, index) =>
        store.claimDue({ graphs: [lawGraph()], claim: claimOf(`owner ${index}`), limit: 4, maxRunsPerTenant: 5 }),
      ),
    );
    const count = given.flat().length;
    assert.ok(count <= 5, `${count} were given`);
    const rest = await (stores[0] as ClaimingStore).claimDue({
      graphs: [lawGraph()],
      claim: claimOf('last'),
      limit: 9,
      maxRunsPerTenant: 5,
    });
    assert.equal(count + rest.length, 5);
  }),
];
