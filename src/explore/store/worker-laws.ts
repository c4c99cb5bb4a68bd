// Laws of stores that know which workers there are: a run is given to those that have code for it.
import assert from 'node:assert/strict';
import type { ClaimedRun, DueQuery, RunStore } from '../../port/store.ts';
import type { DrivenGraph, StrandedRun, Workers } from '../../port/workers.ts';
import { canonicalValue } from '../../base/value.ts';
import type { EditEntry } from '../../journal/entry.ts';
import { idsOf } from './law-assert.ts';
import { endOf, eventsUpTo, graphOf, lawGraph, runEntry } from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw, StorePlace } from './store-law.ts';

interface WorkedStore extends RunStore {
  readonly workers: Workers;
  claimDue(query: DueQuery): ReturnType<NonNullable<RunStore['claimDue']>>;
}

export function hasWorkers(store: RunStore): store is WorkedStore {
  return store.workers !== undefined && store.claimDue !== undefined;
}

function connected(place: StorePlace): WorkedStore {
  const store = place.connect();
  if (!hasWorkers(store)) throw new TypeError('the store has no `workers` or no `claimDue`');
  return store;
}

/** The graph as the run has it, and as newer code does. */
const old = lawGraph('desk');
const newer = lawGraph('desk', 'a'.repeat(16));
const leaseMs = 100;

async function queue(store: RunStore, ...runIds: readonly string[]): Promise<void> {
  for (const runId of runIds) await store.create(runEntry(runId), [], { status: 'queued', wakeAt: 0 });
}

async function claimed(
  store: WorkedStore,
  graph: DrivenGraph,
  given: Partial<DueQuery> & Pick<DueQuery['claim'], 'isGone'> = {},
): Promise<readonly ClaimedRun[]> {
  const { isGone, ...rest } = given;
  const claim = { owner: `with ${graph.fingerprint}`, leaseMs, ...(isGone === undefined ? {} : { isGone }) };
  return store.claimDue({ graphs: [graph], claim, limit: 9, ...rest });
}

const idsOfClaimed = (runs: readonly ClaimedRun[]): readonly string[] => idsOf(runs.map(({ was }) => was));

/** The run continues with the newer graph. */
function editEntry(): EditEntry {
  return canonicalValue(
    {
      kind: 'edit',
      at: '0',
      by: 'migrate',
      patch: { kind: 'record', changed: {}, removed: [] },
      graph: graphOf(),
      fingerprint: newer.fingerprint,
      observed: { time: 2_000 },
    },
    'entry',
  ) as unknown as EditEntry;
}

export const workerLaws: readonly StoreLaw[] = [
  law('a run is given to workers with its graph, and to others only while none of these lives', async (place) => {
    const [store, other] = [connected(place), connected(place)];
    await queue(store, 'run-1', 'run-2', 'run-3', 'run-4');
    await store.workers.announce({ owner: 'one', graphs: [old], leaseMs });
    assert.deepEqual(await claimed(other, newer), []);
    assert.deepEqual(idsOfClaimed(await claimed(other, old, { limit: 1 })), ['run-1']);
    // Its process is known to be dead.
    const isGone = (owner: string): boolean => owner === 'one';
    assert.deepEqual(idsOfClaimed(await claimed(other, newer, { limit: 1, isGone })), ['run-2']);
    place.time.now = leaseMs - 1;
    assert.deepEqual(await claimed(other, newer), []);
    await store.workers.announce({ owner: 'one', graphs: [old], leaseMs });
    place.time.now = leaseMs;
    assert.deepEqual(await claimed(other, newer, { skip: ['run-1', 'run-2'] }), []);
    place.time.now = 2 * leaseMs - 1;
    assert.deepEqual(idsOfClaimed(await claimed(other, newer, { limit: 1, skip: ['run-1', 'run-2'] })), ['run-3']);
    await store.workers.announce({ owner: 'one', graphs: [old, lawGraph('other')], leaseMs });
    assert.deepEqual(await claimed(other, newer, { skip: ['run-1', 'run-2'] }), []);
    await store.workers.withdraw('one');
    assert.deepEqual(idsOfClaimed(await claimed(other, newer, { skip: ['run-1', 'run-2'] })), ['run-4']);
  }),
  law('a run that a worker has refused is given to none with its fingerprint any more', async (place) => {
    const [store, other] = [connected(place), connected(place)];
    await queue(store, 'run-1', 'run-2');
    const [first] = await claimed(store, newer, { limit: 1 });
    assert.ok(first !== undefined);
    const { fingerprint } = newer;
    await store.release(first.lease, { status: 'queued', wakeAt: 0, refusedBy: fingerprint });
    assert.deepEqual(idsOf(await other.due('desk', 9)), ['run-1', 'run-2']);
    const [second] = await claimed(other, newer);
    assert.equal(second?.lease.runId, 'run-2');
    await store.release(second.lease, { status: 'interrupted', refusedBy: fingerprint });
    const [third] = await claimed(other, old, { limit: 1, skip: ['run-1'] });
    assert.equal(third?.lease.runId, 'run-2');
    await store.release(third.lease, { status: 'paused', wakeAt: 0, refusedBy: old.fingerprint });
    for (const graph of [old, newer]) assert.deepEqual(await claimed(other, graph, { skip: ['run-1'] }), []);
    // One that has refused it does not keep it from others.
    await store.workers.announce({ owner: 'one', graphs: [old], leaseMs });
    const newest = lawGraph('desk', 'b'.repeat(16));
    assert.deepEqual(idsOfClaimed(await claimed(other, newest)), ['run-2']);
  }),
  law('a run that continues with another graph is given to workers with that', async (place) => {
    const [store, other] = [connected(place), connected(place)];
    const begun = await store.create(runEntry('run-1'));
    await store.append(begun, eventsUpTo(1), undefined, 1);
    await store.release(begun, { status: 'interrupted', refusedBy: newer.fingerprint });
    const lease = await other.take('run-1', { owner: 'by hand', leaseMs });
    await other.append(lease, [editEntry(), ...eventsUpTo(1, 1)], undefined, 2);
    await other.release(lease);
    await store.workers.announce({ owner: 'one', graphs: [newer], leaseMs });
    assert.deepEqual(await claimed(store, old), []);
    assert.deepEqual(idsOfClaimed(await claimed(store, newer)), ['run-1']);
  }),
  law('the workers that live are listed with what they have code for and how many runs they drive', async (place) => {
    const [store, other] = [connected(place), connected(place)];
    assert.deepEqual(await store.workers.live(), []);
    place.time.now = 10;
    await store.workers.announce({ owner: 'with two', build: '1.4.2', graphs: [newer, lawGraph('other')], leaseMs });
    place.time.now = 20;
    await other.workers.announce({ owner: `with ${old.fingerprint}`, graphs: [old], leaseMs });
    await queue(store, 'run-1', 'run-2', 'run-3');
    const runs = await claimed(store, old, { limit: 2 });
    place.time.now = 100;
    await store.workers.announce({ owner: 'with two', build: '1.4.3', graphs: [newer, lawGraph('other')], leaseMs });
    const two = { owner: 'with two', build: '1.4.3', graphs: [newer, lawGraph('other')], since: 10, runCount: 0 };
    const one = { owner: `with ${old.fingerprint}`, graphs: [old], since: 20, runCount: 2 };
    assert.deepEqual(await other.workers.live(), [two, one]);
    assert.deepEqual(await other.workers.live((owner) => owner === 'with two'), [one]);
    await store.append(runs[0]?.lease as ClaimedRun['lease'], [endOf('done')]);
    assert.deepEqual(await other.workers.live(), [two, { ...one, runCount: 1 }]);
    place.time.now = 120;
    assert.deepEqual(await other.workers.live(), [two]);
    await store.workers.withdraw('nobody');
    await store.workers.withdraw('with two');
    assert.deepEqual(await other.workers.live(), []);
  }),
  law('the runs that are stranded are those that are due and that no live worker may drive', async (place) => {
    const [store, other] = [connected(place), connected(place)];
    await queue(store, 'run-1', 'run-2', 'run-3');
    await store.create(runEntry('of another', graphOf('other')), [], { status: 'queued', wakeAt: 0 });
    await store.create(runEntry('later'), [], { status: 'queued', wakeAt: 1_000 });
    const [first] = await claimed(store, newer, { limit: 1 });
    await store.release(first?.lease as ClaimedRun['lease'], {
      status: 'interrupted',
      refusedBy: newer.fingerprint,
    });
    const strandedIds = async (limit = 9, isGone?: (owner: string) => boolean): Promise<readonly string[]> =>
      (await other.workers.stranded(limit, isGone)).map(({ runId }) => runId);
    assert.deepEqual(await strandedIds(), ['run-1', 'run-2', 'run-3', 'of another']);
    assert.deepEqual(await strandedIds(2), ['run-1', 'run-2']);
    await store.workers.announce({ owner: 'one', graphs: [newer], leaseMs });
    assert.deepEqual(await other.workers.stranded(9), [
      { runId: 'run-1', graph: 'desk', fingerprint: old.fingerprint },
      { runId: 'of another', graph: 'other', fingerprint: old.fingerprint },
    ]);
    assert.deepEqual(await strandedIds(9, () => true), ['run-1', 'run-2', 'run-3', 'of another']);
    await store.workers.announce({ owner: 'two', graphs: [old], leaseMs: 50 });
    assert.deepEqual(await strandedIds(), ['of another']);
    place.time.now = 50;
    assert.deepEqual(await strandedIds(), ['run-1', 'of another']);
  }),
  law('a run that a live worker leaves alone is stranded until another one can drive it', async (place) => {
    const [store, other] = [connected(place), connected(place)];
    const stranded = async (): Promise<readonly StrandedRun[]> => other.workers.stranded(9);
    const leave = async (name: string): Promise<void> => {
      const lease = await store.take('run-1', { owner: name, leaseMs });
      await store.release(lease, { status: 'interrupted', leftAloneBy: name });
    };
    const left = { runId: 'run-1', graph: 'desk', fingerprint: old.fingerprint, isLeftAlone: true };
    await queue(store, 'run-1');
    for (const name of ['one', 'two']) await store.workers.announce({ owner: name, graphs: [old], leaseMs });
    await leave('one');
    assert.deepEqual(await stranded(), []);
    await leave('two');
    await leave('two');
    assert.deepEqual(await stranded(), [left]);
    // It is still given out: code that has the same graph may do what the run was about to do.
    assert.deepEqual(idsOfClaimed(await claimed(other, old, { limit: 1 })), ['run-1']);
    await other.release(await other.take('run-1'), { status: 'interrupted', leftAloneBy: 'three' });
    assert.deepEqual(await stranded(), [left]);
    await store.workers.announce({ owner: 'four', graphs: [old], leaseMs });
    assert.deepEqual(await stranded(), []);
    await store.workers.withdraw('four');
    assert.deepEqual(await stranded(), [left]);
    // Somebody has continued it.
    await other.release(await other.take('run-1'));
    assert.deepEqual(await stranded(), []);
    await leave('one');
    await leave('two');
    for (const name of ['one', 'two']) await store.workers.withdraw(name);
    const { isLeftAlone: _isLeftAlone, ...due } = left;
    assert.deepEqual(await stranded(), [due]);
  }),
];
