import { expect, it } from 'vitest';
import type { Entry } from '../../../../../src/journal/entry.ts';
import { errandId, errandName, errandRun } from '../../../../../src/journal/errand.ts';
import type { AttemptKey } from '../../../../../src/journal/key.ts';
import { ErrandDesk } from '../../../../../src/engine/host/errand/errand-desk.ts';
import { madeErrand } from '../../../../../src/engine/host/errand/errand-end.ts';
import type { ErrandStore } from '../../../../../src/engine/options/errand-store.ts';
import type { ErrandEnd, WantedErrand } from '../../../../../src/engine/run/errands.ts';
import type { Errands as StoredErrands } from '../../../../../src/port/errands.ts';
import { memoryStore } from '../../../../../src/store/memory/memory.ts';
import { changedStore } from '../../../../support/changed-store.ts';
import { ManualClock } from '../../../../support/manual-clock.ts';

const kind = { graph: 'desk', node: 'research', fingerprint: 'f00' };
const place = { runId: 'run-1', at: '1.0#1' as AttemptKey, again: 0 };
const id = errandId(place);
const queue = { status: 'queued', wakeAt: 0 } as const;

function opened(given?: ErrandStore) {
  const clock = new ManualClock(1_000);
  const store = given ?? (memoryStore() as ErrandStore);
  const desk = new ErrandDesk({ store, clock, claim: { owner: 'owner', leaseMs: 1_000 } });
  const told: string[] = [];
  const ends: ErrandEnd[] = [];
  const wanted: WantedErrand = {
    place,
    kind,
    semantics: 2,
    ready: () => undefined,
    over: (end) => void ends.push(end),
    unclaimed: () => void told.push('unclaimed'),
  };
  /** As long as a second takes, whatever waits for what. */
  const seconds = async (count: number): Promise<void> => {
    for (let tenth = 0; tenth < 10 * count; tenth += 1) await clock.advance(100);
  };
  return { store, desk, wanted, told, ends, seconds };
}

it('says once that no worker takes an errand', async () => {
  const { desk, wanted, told, seconds } = opened();
  desk.handOut(wanted);
  await seconds(9);
  expect(told).toEqual([]);
  await seconds(20);
  expect(told).toEqual(['unclaimed']);
  await desk.close();
});

it('finds what was handed out before, and tells its end once', async () => {
  const { store, desk, wanted, ends, seconds } = opened();
  await store.create(errandRun(place, kind, 2, 1_000), [], queue);
  desk.handOut(wanted);
  await seconds(1);
  expect(ends).toEqual([]);
  const [claimed] = await store.claimDue({
    graphs: [{ name: errandName(kind), fingerprint: kind.fingerprint }],
    claim: { owner: 'worker', leaseMs: 1_000 },
    limit: 1,
  });
  const done: Entry = {
    kind: 'outcome',
    at: place.at,
    node: 'research',
    result: { status: 'done' },
    observed: { began: 1, ended: 2 },
  };
  await store.append(claimed?.lease as never, [done, madeErrand(1_000)], undefined, 1);
  await seconds(1);
  expect(ends).toEqual([{ kind: 'made', entries: [done] }]);
  desk.stepCommitted('run-1');
  await seconds(1);
  expect(await store.find(id)).toBeUndefined();
  await desk.close();
});

it('takes back what an older version of the graph has handed out', async () => {
  const { store, desk, wanted, ends, seconds } = opened();
  await store.create(errandRun(place, { ...kind, fingerprint: 'old' }, 2, 1_000), [], queue);
  desk.handOut(wanted);
  await seconds(1);
  expect(ends).toEqual([{ kind: 'made', entries: [] }]);
  await desk.close();
});

it('lets go of an errand, and leaves it to the next process', async () => {
  const { store, desk, wanted, ends, seconds } = opened();
  const handed = desk.handOut(wanted);
  await seconds(1);
  handed.letGo();
  await desk.close();
  expect((await store.find(id))?.status).toBe('queued');
  expect(ends).toEqual([]);
});

it('hands out again what a store that went back has forgotten', async () => {
  const { store, desk, wanted, ends, seconds } = opened();
  desk.handOut(wanted);
  await seconds(1);
  await store.errands.drop('run-1', [id]);
  expect(await store.find(id)).toBeUndefined();
  await seconds(6);
  expect((await store.find(id))?.status).toBe('queued');
  expect(ends).toEqual([]);
  desk.stepCommitted('run-1');
  await seconds(12);
  expect(await store.find(id)).toBeUndefined();
  await desk.close();
});

it('hands out nothing again before it was handed out', async () => {
  const { store, desk, wanted, seconds } = opened();
  let isReady: () => void = () => undefined;
  desk.handOut({ ...wanted, ready: () => new Promise<void>((resolve) => (isReady = resolve)) });
  await seconds(12);
  expect(await store.find(id)).toBeUndefined();
  isReady();
  await seconds(1);
  expect((await store.find(id))?.status).toBe('queued');
  await desk.close();
});

/** What is handed out is on its way for as long as it is held. */
function slowStore() {
  const store = memoryStore() as ErrandStore;
  let arrive: () => void = () => undefined;
  let way: Promise<void> | undefined;
  const errands = changedErrands(store.errands, async () => way);
  return {
    store: changedStore(store, { errands }),
    hold: () => {
      way = new Promise((resolve) => {
        arrive = resolve;
      });
    },
    arrive: () => arrive(),
  };
}

function changedErrands(errands: StoredErrands, way: () => Promise<void>): StoredErrands {
  return {
    handOut: async (rows) => {
      await way();
      return errands.handOut(rows);
    },
    drop: (runId, ids) => errands.drop(runId, ids),
    of: (runId) => errands.of(runId),
    ended: (runId) => errands.ended(runId),
    journals: (ids) => errands.journals(ids),
    waiting: (limit) => errands.waiting(limit),
  };
}

it.each([
  ['the step is committed', (desk: ErrandDesk) => desk.stepCommitted('run-1')],
  ['the run ends', (desk: ErrandDesk) => desk.runEnded('run-1', true)],
  ['the run is let go of', (desk: ErrandDesk) => desk.runEnded('run-1', false)],
])('leaves nothing of what it hands out again while %s', async (_when, end) => {
  const slow = slowStore();
  const { store, desk, wanted, seconds } = opened(slow.store);
  const handed = desk.handOut(wanted);
  await seconds(1);
  await store.errands.drop('run-1', [id]);
  slow.hold();
  await seconds(6);
  handed.letGo();
  end(desk);
  await seconds(1);
  slow.arrive();
  await seconds(1);
  expect(await store.find(id)).toBeUndefined();
  await desk.close();
});

it('leaves nothing of what it hands out while the run ends', async () => {
  const slow = slowStore();
  const { store, desk, wanted, seconds } = opened(slow.store);
  slow.hold();
  const handed = desk.handOut(wanted);
  await seconds(1);
  handed.letGo();
  desk.runEnded('run-1', true);
  slow.arrive();
  await desk.close();
  expect(await store.find(id)).toBeUndefined();
});
