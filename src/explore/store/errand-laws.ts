// Laws of stores that keep errands: attempts that other processes make, as runs that are no runs to anybody else.
import assert from 'node:assert/strict';
import { errandId, errandKind, errandName, errandPlace, errandRun } from '../../journal/errand.ts';
import type { ErrandPlace } from '../../journal/errand.ts';
import type { RunEntry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { Errands } from '../../port/errands.ts';
import type { Claim, DueQuery, PrunableStore, RunStore } from '../../port/store.ts';
import { assertJournal, assertRefused, assertSame, idsOf } from './law-assert.ts';
import { endEntry, endOf, eventEntry, eventsUpTo, graphOf, runEntry, runEntryOf, stored } from './law-entries.ts';
import { isPrunable, law } from './store-law.ts';
import type { StoreLaw, StorePlace } from './store-law.ts';

interface ErrandStore extends RunStore {
  readonly errands: Errands;
  claimDue(query: DueQuery): ReturnType<NonNullable<RunStore['claimDue']>>;
}

export function keepsErrands(store: RunStore): store is ErrandStore {
  const { errands, claimDue } = store as Partial<ErrandStore>;
  return errands !== undefined && typeof claimDue === 'function';
}

function connected(place: StorePlace): ErrandStore {
  const store = place.connect();
  if (!keepsErrands(store)) throw new TypeError('the store has no `errands`, or no `claimDue`');
  return store;
}

function pruning(place: StorePlace): (ErrandStore & PrunableStore) | undefined {
  const store = connected(place);
  return isPrunable(store) ? (store as ErrandStore & PrunableStore) : undefined;
}

const kind = { graph: 'desk', node: 'research', fingerprint: 'f00' };

function placeOf(runId: string, rank: number, again = 0): ErrandPlace {
  return { runId, at: `1.${rank}#1` as AttemptKey, again };
}

function claimOf(owner: string): Claim {
  return { owner, leaseMs: 1_000 };
}

/** What those have code for who do such errands. */
const graphs = [{ name: errandName(kind), fingerprint: kind.fingerprint }];

const runOf = (place: ErrandPlace): RunEntry => errandRun(place, kind, 2, 1_000);

async function handOut(store: ErrandStore, ...places: readonly ErrandPlace[]): Promise<readonly string[]> {
  assert.deepEqual(await store.errands.handOut(places.map(runOf)), []);
  return places.map(errandId);
}

export const errandLaws: readonly StoreLaw[] = [
  law('an errand is due for those who do its kind, and is owned and written like any run', async (place) => {
    const store = connected(place);
    await store.create(runEntry('run-1', graphOf('desk')), [], claimOf('owner'));
    const [first = '', second = ''] = await handOut(store, placeOf('run-1', 0), placeOf('run-1', 1));
    assert.deepEqual(errandPlace(first), placeOf('run-1', 0));
    const twice = [placeOf('run-1', 0), placeOf('run-1', 1)].map(runOf);
    assert.deepEqual(await connected(place).errands.handOut(twice), [first, second]);
    assert.deepEqual(await store.errands.handOut([]), []);
    const others = ['desk', errandName({ ...kind, fingerprint: 'f01' })].map((name) => ({ name, fingerprint: 'f01' }));
    assert.deepEqual(await store.claimDue({ graphs: others, claim: claimOf('one'), limit: 9 }), []);
    const [claimed] = await store.claimDue({ graphs, claim: claimOf('one'), limit: 1 });
    assert.ok(claimed?.lease.runId === first && claimed.was.status === 'queued');
    assert.deepEqual(errandKind(claimed.was.graph), kind);
    const [next] = await connected(place).claimDue({ graphs, claim: claimOf('two'), limit: 9 });
    assert.ok(next?.lease.runId === second);
    const events = eventsUpTo(2);
    await store.append(claimed.lease, events, undefined, 1);
    // Its worker has died.
    place.time.now += 1_010;
    const [again] = await connected(place).claimDue({ graphs, claim: claimOf('three'), limit: 1 });
    assert.ok(again?.lease.runId === first && again.lease.takeovers === 1);
    await assertRefused(() => store.append(claimed.lease, eventsUpTo(1), undefined, 3), 'lease-lost');
    await assertJournal(store, first, [runOf(placeOf('run-1', 0)), ...events]);
    const long = eventEntry('1.1#1', { data: stored({ text: 'x'.repeat(20_000) }) });
    await store.append(next.lease, [long], undefined, 1);
    const [none, longer, shorter] = await connected(place).errands.journals(['nobody', second, first]);
    assert.deepEqual(none, []);
    assertSame(longer ?? [], [runOf(placeOf('run-1', 1)), long]);
    assertSame(shorter ?? [], [runOf(placeOf('run-1', 0)), ...events]);
  }),
  law('the errands of a run that have ended are told, and no others', async (place) => {
    const store = connected(place);
    assert.deepEqual(await store.errands.ended('run-1'), []);
    await store.create(runEntry('run-1', graphOf('desk')), [], claimOf('owner'));
    await store.create(runEntry('run-10', graphOf('desk')), [], claimOf('owner'));
    const mine = [placeOf('run-1', 0), placeOf('run-1', 1), placeOf('run-1', 2), placeOf('run-1', 2, 1)];
    const ids = await handOut(store, ...mine, placeOf('run-10', 0));
    assert.deepEqual(await store.errands.ended('run-1'), []);
    const claimed = await store.claimDue({ graphs, claim: claimOf('one'), limit: 9 });
    assert.deepEqual(
      claimed.map(({ lease }) => lease.runId),
      ids,
    );
    assert.deepEqual(await store.errands.ended('run-1'), []);
    const [done, stopped, , failed, others] = claimed.map(({ lease }) => lease);
    assert.ok(done !== undefined && stopped !== undefined && failed !== undefined && others !== undefined);
    await store.append(failed, [endOf('failed')], undefined, 1);
    await store.append(stopped, [endOf('cancelled')], undefined, 1);
    await store.append(done, [endEntry()], undefined, 1);
    await store.append(others, [endEntry()], undefined, 1);
    const ended = [...(await connected(place).errands.ended('run-1'))];
    const byId = ended.sort((left, right) => (left.errandId < right.errandId ? -1 : 1));
    assert.deepEqual(byId, [
      { errandId: ids[0], status: 'done' },
      { errandId: ids[1], status: 'cancelled' },
      { errandId: ids[3], status: 'failed' },
    ]);
    assert.deepEqual(await store.errands.ended('run'), []);
  }),
  law('all errands of a run are named, in whatever state they are', async (place) => {
    const store = connected(place);
    assert.deepEqual(await store.errands.of('run-1'), []);
    await store.create(runEntry('run-1', graphOf('desk')), [], claimOf('owner'));
    await store.create(runEntry('run-10', graphOf('desk')), [], claimOf('owner'));
    const ids = await handOut(store, placeOf('run-1', 0), placeOf('run-1', 1), placeOf('run-1', 1, 1));
    await handOut(store, placeOf('run-10', 0));
    const [ended, left] = await store.claimDue({ graphs, claim: claimOf('one'), limit: 2 });
    assert.ok(ended !== undefined && left !== undefined);
    assert.deepEqual([...(await connected(place).errands.of('run-1'))].sort(), ids);
    await store.append(ended.lease, [endEntry()], undefined, 1);
    await store.release(left.lease);
    assert.deepEqual([...(await connected(place).errands.of('run-1'))].sort(), ids);
    assert.deepEqual(await store.errands.of('run'), []);
    await store.errands.drop('run-1', ids.slice(0, 2));
    assert.deepEqual(await store.errands.of('run-1'), ids.slice(2));
  }),
  law('the errands of a run are dropped together, taken or not, and can be handed out again', async (place) => {
    const store = connected(place);
    await store.create(runEntry('run-1', graphOf('desk')), [], claimOf('owner'));
    await store.create(runEntry('run-10', graphOf('desk')), [], claimOf('owner'));
    const [first = '', second = '', other = ''] = await handOut(
      store,
      placeOf('run-1', 0),
      placeOf('run-1', 1),
      placeOf('run-10', 0),
    );
    const [claimed] = await store.claimDue({ graphs, claim: claimOf('one'), limit: 1 });
    assert.equal(claimed?.lease.runId, first);
    // The run continues, so nobody knows who else has handed them out.
    await store.errands.drop('run-1');
    assert.equal((await store.find(first))?.status, 'running');
    await store.errands.drop('run-1', [first, other, 'nobody']);
    assert.equal((await store.find(second))?.status, 'queued');
    await store.errands.drop('run-1', [first, second]);
    await assertRefused(() => store.append(claimed.lease, [endEntry()], undefined, 1), 'run-unknown');
    assert.equal(await store.find(first), undefined);
    assert.equal((await store.find(other))?.status, 'queued');
    assert.equal((await store.find('run-1'))?.status, 'running');
    await handOut(store, placeOf('run-1', 0));
    await assertRefused(() => store.append(claimed.lease, [endEntry()], undefined, 1), 'lease-lost');
    const [again] = await store.claimDue({ graphs, claim: claimOf('one'), limit: 1 });
    assert.equal(again?.lease.runId, other);
    const ended = await store.create(runEntry('run-2', graphOf('desk')), [], claimOf('owner'));
    const [left = ''] = await handOut(store, placeOf('run-2', 0));
    await store.append(ended, [endOf('failed')]);
    await store.errands.drop('run-2');
    assert.equal((await store.find(left))?.status, 'queued');
    await store.append(await store.take('run-2', claimOf('owner')), [endOf('cancelled')]);
    await store.errands.drop('run-2');
    assert.equal(await store.find(left), undefined);
  }),
  law('errands are no runs to those who list and prune, and go with their run', async (place) => {
    const store = connected(place);
    const lease = await store.create(runEntry('run-1', graphOf('desk')), [], claimOf('owner'));
    const [first = '', second = ''] = await handOut(store, placeOf('run-1', 0), placeOf('run-1', 1));
    const [claimed] = await store.claimDue({ graphs, claim: claimOf('one'), limit: 1 });
    assert.ok(claimed !== undefined);
    await store.append(claimed.lease, [endEntry()], undefined, 1);
    for (const query of [{}, { status: 'queued' }, { status: 'done' }] as const)
      assert.deepEqual(
        idsOf(await store.list(query)).filter((id) => id !== 'run-1'),
        [],
      );
    const waiting = { errandId: second, runId: 'run-1', at: '1.1#1', graph: 'desk', node: 'research', since: 1_000 };
    assert.deepEqual(await store.errands.waiting(9), [waiting]);
    assert.deepEqual(await store.errands.waiting(0), []);
    assert.deepEqual((await store.workers?.stranded(9)) ?? [], []);
    const pruner = pruning(place);
    if (pruner === undefined) return;
    const everything = { olderThan: Number.MAX_SAFE_INTEGER, status: ['queued', 'done'] } as const;
    assert.deepEqual(await pruner.prune(everything), []);
    assert.equal((await store.find(first))?.status, 'done');
    await store.append(lease, [endEntry()], undefined, 1);
    assert.deepEqual(idsOf(await pruner.prune(everything)), ['run-1']);
    assert.equal(await store.find(first), undefined);
    assert.deepEqual(await store.errands.waiting(9), []);
  }),
  law('a tenant that has many errands made is served as if it had none', async (place) => {
    const store = connected(place);
    await store.create(runEntry('run-1', graphOf('desk')), [], claimOf('owner'));
    for (const id of ['other-1', 'other-2'])
      await store.create(runEntryOf('acme', id, graphOf('desk')), [], claimOf('owner'));
    await handOut(store, placeOf('run-1', 0), placeOf('run-1', 1));
    assert.equal((await store.claimDue({ graphs, claim: claimOf('one'), limit: 9 })).length, 2);
    const queue = { status: 'queued', wakeAt: 0 } as const;
    await store.create(runEntryOf('acme', 'third', graphOf('desk')), [], queue);
    await store.create(runEntry('second', graphOf('desk')), [], queue);
    const desk = [{ name: 'desk', fingerprint: runEntry('second').fingerprint }];
    const [next] = await store.claimDue({ graphs: desk, claim: claimOf('two'), limit: 1 });
    assert.equal(next?.lease.runId, 'second');
  }),
];
