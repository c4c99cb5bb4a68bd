// Laws of stores that tell which runs may have grown: a follower of its rounds leaves out no entry.
import assert from 'node:assert/strict';
import type { Changes, ChangesQuery, RunStore } from '../../port/store.ts';
import { idsOf } from './law-assert.ts';
import { endOf, eventsUpTo, graphOf, runEntry } from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw, StorePlace } from './store-law.ts';

interface TellingStore extends RunStore {
  changes(query: ChangesQuery): ReturnType<NonNullable<RunStore['changes']>>;
}

export function tellsChanges(store: RunStore): store is TellingStore {
  return typeof (store as Partial<TellingStore>).changes === 'function';
}

function connected(place: StorePlace): TellingStore {
  const store = place.connect();
  if (!tellsChanges(store)) throw new TypeError('the store has no `changes`');
  return store;
}

/** A whole round: the runs that it names, and where the next one begins. */
async function round(
  store: TellingStore,
  query: ChangesQuery,
): Promise<{ readonly counts: Readonly<Record<string, number>>; readonly after: string }> {
  const counts: Record<string, number> = {};
  let page: Changes | undefined;
  do {
    page = await store.changes(page === undefined ? query : { ...query, after: page.cursor });
    assert.equal(new Set(idsOf(page.runs)).size, page.runs.length, 'no page names a run twice');
    for (const { runId, entryCount } of page.runs) counts[runId] = entryCount;
  } while (page.isRest);
  return { counts, after: page.cursor };
}

const claim = { owner: 'one', leaseMs: 1_000 };

export const changeLaws: readonly StoreLaw[] = [
  law('a round names every run that has grown since the one before, however long its pages are', async (place) => {
    for (const limit of [1, 2, 100]) {
      const store = connected(place);
      const id = (name: string): string => `${name} ${limit}`;
      const graph = id('graph');
      const query = { limit, graph };
      const leases = [];
      for (let index = 0; index < 5; index += 1)
        leases.push(await store.create(runEntry(id(`run-${index}`), graphOf(graph)), eventsUpTo(1), claim));
      await store.create(runEntry(id('queued'), graphOf(graph)), [], { status: 'queued', wakeAt: 0 });
      const first = await round(store, query);
      const began = Object.fromEntries(leases.map(({ runId }) => [runId, 2]));
      assert.deepEqual(first.counts, { ...began, [id('queued')]: 1 });
      const [driven, done, failed, paused, given] = leases;
      assert.ok(driven && done && failed && paused && given);
      await store.append(driven, eventsUpTo(2, 1));
      await store.append(done, [endOf('done')]);
      await store.append(failed, [endOf('failed')]);
      await store.append(paused, eventsUpTo(1, 1));
      await store.release(paused, { status: 'paused', wakeAt: 9_000 });
      await store.release(given);
      const second = await round(connected(place), { ...query, after: first.after });
      for (const [runId, count] of [
        [driven.runId, 4],
        [done.runId, 3],
        [failed.runId, 3],
        [paused.runId, 3],
      ] as const)
        assert.equal(second.counts[runId], count, `${runId} has grown`);
      const again = await store.take(failed.runId, claim);
      await store.append(again, eventsUpTo(1, 2));
      const third = await round(store, { ...query, after: second.after });
      assert.equal(third.counts[failed.runId], 4, 'a run that continues is named again');
      const other = await round(store, { limit, graph: id('other graph') });
      assert.deepEqual(other.counts, {});
      await store.append(again, [endOf('done')]);
      await store.append(driven, [endOf('done')]);
    }
  }),
  law('a round over all graphs names runs of all of them', async (place) => {
    const store = connected(place);
    await store.create(runEntry('run-1'), [], claim);
    await store.create(runEntry('run-2', graphOf('other')), [], { status: 'queued', wakeAt: 0 });
    const { runs } = await store.changes({ limit: 9 });
    assert.deepEqual(new Set(idsOf(runs)), new Set(['run-1', 'run-2']));
  }),
];
