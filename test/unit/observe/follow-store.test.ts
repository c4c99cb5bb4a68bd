// Following a store: everything once and in order, wherever the follower crashes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitEntry, runEntry } from '../../../src/explore/store/law-entries.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { createEngine, memoryStore } from '../../../src/index.ts';
import type { ObservedEntry, RunObserver, RunStore } from '../../../src/index.ts';
import { followStore } from '../../../src/observe/index.ts';
import type { StoreCursor, StorePosition } from '../../../src/observe/index.ts';
import { changedStore } from '../../support/changed-store.ts';
import { asking, counter } from '../../support/counting-graphs.ts';
import { collected } from '../../support/journals.ts';
import { nextTurn } from '../../support/manual-clock.ts';

async function storeOf(...wanted: readonly number[]): Promise<RunStore> {
  const store = memoryStore();
  const engine = createEngine(counter, { store });
  for (const [index, count] of wanted.entries()) await engine.run({ wanted: count }, { runId: `r${index}` });
  return store;
}

const journalOf = (store: RunStore, runId: string): Promise<readonly Entry[]> => collected(store.read(runId));

async function journalsOf(store: RunStore): Promise<Readonly<Record<string, readonly Entry[]>>> {
  const journals: Record<string, readonly Entry[]> = {};
  for (const { runId } of await store.list({})) journals[runId] = await journalOf(store, runId);
  return journals;
}

function byRun(rows: readonly ObservedEntry[]): Readonly<Record<string, readonly Entry[]>> {
  const runs: Record<string, Entry[]> = {};
  for (const { run, entry } of rows) runs[run.runId] = [...(runs[run.runId] ?? []), entry];
  return runs;
}

function cursorOf(): StoreCursor & { readonly saved: StorePosition[] } {
  const saved: StorePosition[] = [];
  return { saved, load: () => saved.at(-1), save: (position) => void saved.push(position) };
}

/** Throws at the moments that a schedule says, as a crash would. */
function crashing(moments: readonly boolean[]): () => void {
  let index = 0;
  return () => {
    const isNow = moments[index] === true;
    index += 1;
    if (isNow) throw new Error('crash');
  };
}

async function followedToTheEnd(follow: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await follow();
      return;
    } catch (thrown) {
      expect((thrown as Error).message).toBe('crash');
    }
  }
}

describe('followStore', () => {
  it('delivers what is there, and nothing again from where it was', async () => {
    const store = await storeOf(2, 5, 1);
    const cursor = cursorOf();
    const rows: ObservedEntry[] = [];
    const observer: RunObserver = { observe: (entries) => void rows.push(...entries) };
    await followStore(store, observer, { cursor, isOnce: true });
    expect(byRun(rows)).toEqual(await journalsOf(store));
    await createEngine(counter, { store }).run({ wanted: 3 }, { runId: 'later' });
    rows.length = 0;
    await followStore(store, observer, { cursor, isOnce: true });
    expect(byRun(rows)).toEqual({ later: await journalOf(store, 'later') });
    expect(cursor.saved.at(-1)).toEqual({ r0: 7, r1: 13, r2: 5, later: 9 });
  });

  it('delivers each entry once to a sink that keeps its position with what it keeps, wherever it crashes', async () => {
    const store = await storeOf(3, 7);
    const journals = await journalsOf(store);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (moments, batchSize) => {
          const crash = crashing(moments);
          let kept: { readonly rows: readonly ObservedEntry[]; readonly position: StorePosition } = {
            rows: [],
            position: {},
          };
          const observer: RunObserver = {
            async observe(entries, { position }) {
              crash();
              await Promise.resolve();
              // The transaction.
              if (position !== undefined)
                kept = {
                  rows: [...kept.rows, ...entries],
                  position: { ...kept.position, [position.runId]: position.count },
                };
              crash();
            },
          };
          const cursor = { load: () => kept.position, save: () => undefined };
          await followedToTheEnd(() => followStore(store, observer, { cursor, isOnce: true, batchSize }));
          expect(byRun(kept.rows)).toEqual(journals);
        },
      ),
    );
  });

  it('delivers each entry at least once, and those of a batch again, where the position is saved apart', async () => {
    const store = await storeOf(3, 7);
    const journals = await journalsOf(store);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (moments, batchSize) => {
          const crash = crashing(moments);
          const rows: ObservedEntry[] = [];
          const saved: StorePosition[] = [];
          const observer: RunObserver = {
            observe(entries) {
              crash();
              rows.push(...entries);
            },
          };
          const cursor: StoreCursor = {
            load: () => saved.at(-1),
            save(position) {
              crash();
              saved.push(position);
            },
          };
          await followedToTheEnd(() => followStore(store, observer, { cursor, isOnce: true, batchSize }));
          for (const [runId, journal] of Object.entries(journals))
            expect([...new Set(byRun(rows)[runId])]).toEqual(journal);
          const again = rows.length - Object.values(journals).flat().length;
          expect(again).toBeLessThanOrEqual(moments.filter((isNow) => isNow).length * batchSize);
        },
      ),
    );
  });

  it('follows runs that are under way until it is stopped, and tells once that one pauses', async () => {
    let polls = 0;
    const kept = memoryStore();
    const store = changedStore(kept, {
      list: (query) => {
        polls += 1;
        return kept.list(query);
      },
    });
    const told: string[] = [];
    const stop = new AbortController();
    const paused = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    const observer: RunObserver = {
      observe(entries) {
        told.push(...entries.map(({ entry }) => entry.kind));
        if (told.includes('end')) ended.resolve();
      },
      rested(_run, { status }) {
        told.push(status);
        paused.resolve();
      },
      flush: () => void told.push('flushed'),
    };
    const following = followStore(store, observer, { cursor: cursorOf(), signal: stop.signal, pollMs: 2 });
    const engine = createEngine(asking, { store });
    await engine.run({}, { runId: 'r' });
    await paused.promise;
    for (const before = polls; polls < before + 3; ) await nextTurn();
    await engine.resume('r', { answer: '2' });
    await ended.promise;
    stop.abort();
    await following;
    expect(told.filter((what) => what === 'paused')).toHaveLength(1);
    expect(told.indexOf('paused')).toBeLessThan(told.indexOf('effect'));
    expect(told.slice(-2)).toEqual(['end', 'flushed']);
  });

  it('knows the copies of a fork in every batch', async () => {
    const store = await storeOf(3);
    await createEngine(counter, { store }).fork('r0', { step: 2, runId: 'fork' });
    for (const batchSize of [1, 2, 500]) {
      const rows: ObservedEntry[] = [];
      const cursor = cursorOf();
      const observer: RunObserver = { observe: (entries) => void rows.push(...entries) };
      const stop = new AbortController();
      // It continues in the middle of the copies.
      const first: RunObserver = {
        observe(entries) {
          rows.push(...entries);
          if (rows.some(({ run }) => run.runId === 'fork')) stop.abort();
        },
      };
      await followStore(store, first, { cursor, batchSize, signal: stop.signal });
      await followStore(store, observer, { cursor, batchSize, isOnce: true });
      const ofFork = rows.filter(({ run }) => run.runId === 'fork');
      expect(ofFork.map(({ entry, isInherited }) => `${entry.kind} ${entry.at}${isInherited ? ' copy' : ''}`)).toEqual([
        'run ',
        'commit 0 copy',
        'outcome 1.0#1 copy',
        'commit 1 copy',
        'outcome 2.0#1 copy',
        'commit 2 copy',
        'outcome 3.0#1',
        'commit 3',
        'end ',
      ]);
    }
  });

  it('looks no more often than it is told, and reads what has grown from where it was', async () => {
    const store = memoryStore();
    const parent = await store.create(runEntry('parent'));
    await store.append(parent, [commitEntry('0'), commitEntry('1')]);
    const fork = runEntry('fork');
    const lease = await store.create(
      { ...fork, observed: { ...fork.observed, parent: { runId: 'parent', step: 1 } } },
      [commitEntry('0'), commitEntry('1')],
    );
    const reads: string[] = [];
    const counted = changedStore(store, {
      read: (runId, from = 0, limit) => {
        reads.push(`${runId} ${from}`);
        return store.read(runId, from, limit);
      },
    });
    const stop = new AbortController();
    const pollMs = 40;
    const times: number[] = [];
    const copies: string[] = [];
    let step = 1;
    const began = performance.now();
    const observer: RunObserver = {
      // It grows whenever it was looked at.
      async observe(entries) {
        for (const { run, entry, isInherited } of entries)
          if (run.runId === 'fork' && isInherited === true) copies.push(entry.at);
        if (entries[0]?.run.runId !== 'fork') return;
        times.push(performance.now() - began);
        step += 1;
        if (step === 5) stop.abort();
        else await store.append(lease, [commitEntry(`${step}`)]);
      },
    };
    await followStore(counted, observer, { cursor: cursorOf(), pollMs, signal: stop.signal });
    expect(reads).toEqual(['parent 0', 'fork 0', 'fork 3', 'fork 4', 'fork 5']);
    expect(copies).toEqual(['0', '1']);
    // Timers are as exact as a millisecond.
    for (const [round, time] of times.entries()) expect(time).toBeGreaterThan(round * (pollMs - 2));
  });

  it('starts over with a run that took the name of a deleted one, and forgets what the store has forgotten', async () => {
    const rows: ObservedEntry[] = [];
    const observer: RunObserver = { observe: (entries) => void rows.push(...entries) };
    const cursor = cursorOf();
    await followStore(await storeOf(9, 2), observer, { cursor, isOnce: true });
    rows.length = 0;
    const other = await storeOf(1);
    await followStore(other, observer, { cursor, isOnce: true });
    expect(byRun(rows)).toEqual(await journalsOf(other));
    expect(cursor.saved.at(-1)).toEqual({ r0: 5 });
  });

  it('reads the runs of one graph where that is all that is wanted', async () => {
    const store = await storeOf(1);
    await createEngine(asking, { store }).run({}, { runId: 'other' });
    const rows: ObservedEntry[] = [];
    const observer: RunObserver = { observe: (entries) => void rows.push(...entries) };
    await followStore(store, observer, { cursor: cursorOf(), isOnce: true, graph: 'counter' });
    expect(Object.keys(byRun(rows))).toEqual(['r0']);
  });

  it('refuses invalid options', () => {
    const observer: RunObserver = { observe: () => undefined };
    expect(() => followStore(memoryStore(), observer, {} as never)).toThrow('cursor');
    expect(() => followStore(memoryStore(), observer, { cursor: cursorOf(), pollMs: 0 })).toThrow('pollMs');
    expect(() => followStore(memoryStore(), observer, { cursor: cursorOf(), batch: 1 } as never)).toThrow('batch');
  });
});
