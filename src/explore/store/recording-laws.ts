// Laws of stores that keep which ended runs become fixtures: a reader of a run whose bodies are dropped is not disturbed.
import assert from 'node:assert/strict';
import type { Entry } from '../../journal/entry.ts';
import { withoutBodies } from '../../journal/run/without-bodies.ts';
import type { RecordingMark, Recordings, ReservedRun, ReserveQuery } from '../../port/recordings.ts';
import type { Claim, Lease, RunStore } from '../../port/store.ts';
import { assertJournal, assertRefused, assertSame } from './law-assert.ts';
import { chunkEntry, collected, commitEntry, effectEntry, endOf, graphOf, runEntry } from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw, StorePlace } from './store-law.ts';

interface RecordingStore extends RunStore {
  readonly recordings: Recordings;
}

export function keepsRecordings(store: RunStore): store is RecordingStore {
  return store.recordings !== undefined;
}

function connected(place: StorePlace): RecordingStore {
  const store = place.connect();
  if (!keepsRecordings(store)) throw new TypeError('the store has no `recordings`');
  return store;
}

const claim: Claim = { owner: 'one', leaseMs: 1_000, isRecorded: true };
const large = (what: string): string => `${what} ${'x'.repeat(3_000)} ${what}`;

/** Answers that are long enough to be dropped by every store, each of them another one, and chunks. */
function step(count: number): readonly Entry[] {
  return Array.from({ length: count }, (_unused, index) => [
    effectEntry('1.0#1', {
      occurrence: index,
      outcome: { kind: 'value', value: { one: large(`1 ${index}`), two: large(`2 ${index}`) } },
    }),
    chunkEntry('1.0#1', index, large(`chunk ${index}`)),
  ]).flat();
}

async function endedRun(store: RecordingStore, steps: readonly Entry[], runId = 'run-1'): Promise<Lease> {
  const lease = await store.create(runEntry(runId), [], claim);
  await store.append(lease, [...steps, commitEntry('1')]);
  await store.append(lease, [endOf('done')]);
  return lease;
}

function reserve(store: RecordingStore, stage: ReserveQuery['stage']): Promise<readonly ReservedRun[]> {
  return Promise.resolve(store.recordings.reserve({ graph: graphOf().name, stage, forMs: 100, limit: 10 }));
}

async function reservedRun(store: RecordingStore): Promise<ReservedRun> {
  const [run] = await reserve(store, 'open');
  assert.ok(run !== undefined, 'a run that has ended under a policy is open for its recording');
  return run;
}

export const recordingLaws: readonly StoreLaw[] = [
  law(
    'a reader gets every entry of a run whose bodies are dropped meanwhile, as it was or without them',
    async (place) => {
      const entries = step(120);
      const all: readonly Entry[] = [runEntry('run-1'), ...entries, commitEntry('1'), endOf('done')];
      for (const first of [1, 60, 239]) {
        const store = connected(place);
        const runId = `run-${first}`;
        await endedRun(store, entries, runId);
        const run = await reservedRun(store);
        const read: Entry[] = [];
        for await (const entry of connected(place).read(runId)) {
          read.push(entry);
          if (read.length === first) await store.recordings.dropBodies(run, 'nothing');
        }
        assert.equal(read.length, all.length);
        for (const [index, entry] of read.entries()) {
          const was = index === 0 ? runEntry(runId) : (all[index] as Entry);
          const lighter = withoutBodies(was);
          const isLighter = lighter !== undefined && withoutBodies(entry) === undefined;
          assertSame([entry], [isLighter ? lighter : was]);
        }
        await store.recordings.mark(run, { status: 'dropped' });
      }
    },
  ),
  law('chunks stay where only other bodies are dropped, and whether there are any is said', async (place) => {
    const store = connected(place);
    const entries = step(3);
    await endedRun(store, entries);
    const run = await reservedRun(store);
    assert.equal(await store.recordings.dropBodies(run, 'chunks'), true);
    const expected = entries.map((entry) => withoutBodies(entry, 'chunks') ?? entry);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...expected, commitEntry('1'), endOf('done')]);
    assert.equal(await store.recordings.dropBodies(run, 'nothing'), false);
    const rest = entries.map((entry) => withoutBodies(entry) ?? entry);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...rest, commitEntry('1'), endOf('done')]);
    await store.recordings.mark(run, { status: 'dropped' });
    await endedRun(
      store,
      entries.filter(({ kind }) => kind !== 'chunk'),
      'run-2',
    );
    assert.equal(await store.recordings.dropBodies(await reservedRun(store), 'chunks'), false);
  }),
  law('a run that keeps its chunks is given out once that time is over, until nothing of it is left', async (place) => {
    const store = connected(place);
    const { time } = place;
    time.now = 10;
    await endedRun(store, step(1));
    const run = await reservedRun(store);
    await store.recordings.mark(run, { status: 'not-recorded', why: 'not asked for', keepsMs: 40 });
    const marked = async (): Promise<string | undefined> => (await store.find('run-1'))?.recording;
    assert.equal(await marked(), 'not-recorded: not asked for');
    time.now = 49;
    assert.deepEqual(await reserve(store, 'not-recorded'), []);
    time.now = 50;
    const [kept] = await reserve(store, 'not-recorded');
    assert.equal(kept?.runId, 'run-1');
    time.now = 149;
    assert.deepEqual(await reserve(connected(place), 'not-recorded'), []);
    time.now = 150;
    assert.equal((await reserve(connected(place), 'not-recorded')).length, 1);
    await store.recordings.mark(run, { status: 'dropped' });
    assert.equal(await marked(), 'not-recorded: not asked for');
    time.now = 1_000;
    for (const stage of ['open', 'wanted', 'not-recorded'] as const) assert.deepEqual(await reserve(store, stage), []);
  }),
  law('what is kept of a recording can be kept of a copy of the run', async (place) => {
    const store = connected(place);
    const { kept, keep } = store.recordings;
    if (kept === undefined || keep === undefined) return;
    const of = async (runId: string): Promise<unknown> => kept.call(store.recordings, runId);
    place.time.now = 10;
    await store.append(await store.create(runEntry('plain')), [endOf('done')]);
    assert.equal(await of('plain'), undefined);
    await assertRefused(() => kept.call(store.recordings, 'nobody'), 'run-unknown');
    await assertRefused(() => keep.call(store.recordings, 'nobody', { text: 'open', tries: 0 }), 'run-unknown');
    const marks: readonly (readonly [string, RecordingMark | undefined, number | undefined])[] = [
      ['open', undefined, 0],
      ['wanted', { status: 'wanted', afterMs: 30, tries: 2 }, 30],
      ['recorded: desk-1', { status: 'recorded', name: 'desk-1' }, undefined],
      ['not-recorded: too long', { status: 'not-recorded', why: 'too long' }, undefined],
      ['not-recorded: not asked for', { status: 'not-recorded', why: 'not asked for', keepsMs: 40 }, 40],
    ];
    for (const [index, [text, mark, afterMs]] of marks.entries()) {
      const [one, other] = [`run-${index}`, `copy-${index}`];
      await endedRun(store, [], one);
      const run = await reservedRun(store);
      assert.equal(run.runId, one);
      if (mark === undefined) place.time.now += 100;
      else await store.recordings.mark(run, mark);
      const expected = { text, tries: text === 'wanted' ? 2 : 0, ...(afterMs === undefined ? {} : { afterMs }) };
      assert.deepEqual(await of(one), expected);
      const lease = await store.create(runEntry(other));
      await keep.call(store.recordings, other, expected);
      await store.append(lease, [endOf('done')]);
      assert.deepEqual(await of(other), expected);
      assert.equal((await store.find(other))?.recording, (await store.find(one))?.recording);
      // Given out as the other one is.
      const stage = text.split(':')[0] as ReserveQuery['stage'];
      place.time.now += afterMs ?? 0;
      const given = afterMs === undefined ? [] : await reserve(store, stage);
      assert.deepEqual(
        given.map(({ runId }) => runId).toSorted(),
        afterMs === undefined ? [] : [one, other].toSorted(),
      );
      for (const reserved of given) await store.recordings.mark(reserved, { status: 'dropped' });
      place.time.now += 1_000;
    }
  }),
  law('nothing is dropped of a failed run that was resumed meanwhile', async (place) => {
    const store = connected(place);
    const entries = step(2);
    const lease = await store.create(runEntry('run-1'), [], claim);
    await store.append(lease, [...entries, commitEntry('1'), endOf('failed')]);
    const run = await reservedRun(store);
    await store.recordings.mark(run, { status: 'not-recorded', why: 'not asked for', keepsMs: 40 });
    const again = await store.take('run-1', { owner: 'two', leaseMs: 1_000 });
    assert.equal(await store.recordings.dropBodies(run, 'nothing'), false);
    await store.append(again, [endOf('done', 4_000)]);
    place.time.now = 1_000;
    assert.deepEqual(await reserve(store, 'not-recorded'), []);
    const read = await collected(place.connect().read('run-1'));
    assertSame(read.slice(0, 5), [runEntry('run-1'), ...entries]);
  }),
];
