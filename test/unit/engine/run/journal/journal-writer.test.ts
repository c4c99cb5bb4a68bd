import { describe, expect, it } from 'vitest';
import { JournalWriter } from '../../../../../src/engine/run/journal/journal-writer.ts';
import type { RunCheckpoint } from '../../../../../src/journal/run/checkpoint.ts';
import type { ChunkEntry, Entry } from '../../../../../src/journal/entry.ts';
import type { AttemptKey } from '../../../../../src/journal/key.ts';
import type { CancelRequest, Later, Lease, PlacedChunks, Release, RunStore } from '../../../../../src/port/store.ts';
import { commitEntry, effectEntry, eventEntry, outcomeEntry } from '../../../../support/journals.ts';

const lease: Lease = { runId: 'run-1', token: 1 };
const cancelRequest: CancelRequest = { runId: 'run-1', reason: 'enough' };

/** A store that keeps each append, and answers it at once or when the test says so. */
class AppendedStore {
  readonly appends: (readonly Entry[])[] = [];
  readonly checkpoints: (RunCheckpoint | undefined)[] = [];
  readonly dropped: (readonly PlacedChunks[])[] = [];
  readonly releases: Release[] = [];
  answer: () => Later<CancelRequest | undefined> = () => undefined;

  readonly places: (number | undefined)[] = [];

  append(...given: Parameters<RunStore['append']>): Later<CancelRequest | undefined> {
    const [own, entries, checkpoint, place] = given;
    expect(own).toBe(lease);
    this.places.push(place);
    this.appends.push(entries);
    this.checkpoints.push(checkpoint?.());
    return this.answer();
  }

  dropChunks(_lease: Lease, chunks: readonly PlacedChunks[]): void {
    this.dropped.push(chunks);
  }

  async release(_lease: Lease, release: Release): Promise<void> {
    this.releases.push(release);
  }
}

/** All that these tests know of how a writer is made. */
function writerOn(store: AppendedStore, { storedCount = 2, keepsChunks = true } = {}) {
  const seen = { appended: 0, cancels: [] as CancelRequest[] };
  const writer = new JournalWriter({
    store: store as unknown as RunStore,
    lease,
    storedCount,
    keepsChunks,
    onAppended: () => {
      seen.appended += 1;
    },
    onCancel: (request) => void seen.cancels.push(request),
  });
  return { writer, seen };
}

const chunk = (at: string, ordinal: number, deltas: readonly string[]): ChunkEntry => ({
  kind: 'chunk',
  at: at as AttemptKey,
  node: 'write',
  ordinal,
  deltas,
  observed: { times: deltas.map((_delta, index) => index) },
});
const begin: Entry = {
  kind: 'begin',
  at: '1.0#1' as AttemptKey,
  node: 'pay',
  type: 'call',
  name: 'pay',
  request: 1,
  occurrence: 0,
  observed: { time: 1 },
};
const [first, second, third] = [effectEntry('1.0#1'), eventEntry('1.0#1'), outcomeEntry('1.0#1')];

describe('what is added', () => {
  it('says where entries belong, and gives those again that were refused, with what has come since', async () => {
    const store = new AppendedStore();
    const { writer } = writerOn(store);
    writer.add(begin);
    writer.add(outcomeEntry('1.0#1'));
    await writer.flush();
    writer.add(commitEntry('1'));
    // It may have been written: only the answer was lost.
    store.answer = () => Promise.reject(new Error('the connection was cut'));
    await expect(writer.flush()).rejects.toThrow('cut');
    store.answer = () => undefined;
    writer.add(begin);
    await writer.flush();
    expect(store.places).toEqual([2, 4, 4]);
    expect(store.appends.map(({ length }) => length)).toEqual([2, 1, 2]);
  });

  it('waits for a flush, and is one append then', () => {
    const store = new AppendedStore();
    const { writer, seen } = writerOn(store);
    writer.add(first);
    writer.add(second);
    expect(store.appends).toEqual([]);
    expect(writer.flush()).toBeUndefined();
    expect(store.appends).toEqual([[first, second]]);
    expect(seen.appended).toBe(1);
  });

  it('costs nothing where there is nothing', () => {
    const store = new AppendedStore();
    const { writer, seen } = writerOn(store);
    expect(writer.flush()).toBeUndefined();
    expect([store.appends, seen.appended]).toEqual([[], 0]);
  });

  it('can be read from any place that the store does not have yet', () => {
    const { writer } = writerOn(new AppendedStore(), { storedCount: 2 });
    writer.add(first);
    writer.add(second);
    expect([1, 2].map((place) => writer.isStored(place))).toEqual([true, false]);
    expect(writer.tail(1)).toEqual([]);
    expect(writer.tail(2)).toEqual([first, second]);
    expect(writer.tail(3)).toEqual([second]);
    expect(writer.tail(4)).toEqual([]);
    void writer.flush();
    expect(writer.isStored(3)).toBe(true);
    expect(writer.tail(2)).toEqual([]);
  });

  it('gives what was stored last from memory, and nothing where the store has to be asked', () => {
    const { writer } = writerOn(new AppendedStore(), { storedCount: 2 });
    expect([1, 2].map((place) => writer.recent(place))).toEqual([undefined, []]);
    writer.add(first);
    writer.add(second);
    expect(writer.recent(2)).toEqual([]);
    void writer.flush();
    expect([1, 2, 3, 4].map((place) => writer.recent(place))).toEqual([undefined, [first, second], [second], []]);
    writer.add(third);
    void writer.flush();
    expect([3, 4, 5].map((place) => writer.recent(place))).toEqual([undefined, [third], []]);
  });

  it('gives no chunks from memory that the store was told to drop', () => {
    const { writer } = writerOn(new AppendedStore(), { storedCount: 2, keepsChunks: false });
    const chunks = chunk('1.0#1', 0, ['a']);
    writer.add(chunks);
    void writer.flush();
    expect(writer.recent(2)).toEqual([chunks]);
    void writer.dropChunks();
    expect([2, 3].map((place) => writer.recent(place))).toEqual([undefined, []]);
  });

  it('is marked while it holds the beginning of an effect', () => {
    const { writer } = writerOn(new AppendedStore());
    writer.add(first);
    expect(writer.isMarked).toBe(false);
    writer.add(begin);
    expect(writer.isMarked).toBe(true);
    void writer.flush();
    expect(writer.isMarked).toBe(false);
  });
});

describe('a store that takes its time', () => {
  it('gets what was added meanwhile in one further append', async () => {
    const store = new AppendedStore();
    const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    store.answer = () => gates[store.appends.length - 1]?.promise;
    const { writer, seen } = writerOn(store);
    writer.add(first);
    const flushed = writer.flush();
    writer.add(second);
    const again = writer.flush();
    writer.add(third);
    expect(store.appends).toEqual([[first]]);
    expect(writer.tail(2)).toEqual([first, second, third]);
    expect(writer.tail(3)).toEqual([second, third]);
    gates[0]?.resolve(undefined);
    await flushed;
    expect(seen.appended).toBe(1);
    gates[1]?.resolve(undefined);
    await again;
    expect(store.appends).toEqual([[first], [second, third]]);
    expect(writer.tail(5)).toEqual([]);
    expect(writer.isStored(4)).toBe(true);
  });

  it('fails the flush that waited for it', async () => {
    const store = new AppendedStore();
    const failure = new Error('the disk is full');
    store.answer = () => Promise.reject(failure);
    const { writer, seen } = writerOn(store);
    writer.add(first);
    await expect(writer.flush()).rejects.toBe(failure);
    expect(seen.appended).toBe(0);
    expect(writer.isStored(2)).toBe(false);
  });

  it('that fails at once throws from the flush', () => {
    const store = new AppendedStore();
    store.answer = () => {
      throw new Error('the disk is full');
    };
    const { writer } = writerOn(store);
    writer.add(first);
    expect(() => writer.flush()).toThrow('the disk is full');
  });
});

describe('a request to cancel', () => {
  it('is passed on from the append that brings it, at once or later', async () => {
    const store = new AppendedStore();
    const { writer, seen } = writerOn(store);
    store.answer = () => cancelRequest;
    writer.add(first);
    void writer.flush();
    expect(seen.cancels).toEqual([cancelRequest]);
    store.answer = () => Promise.resolve(cancelRequest);
    writer.add(second);
    await writer.flush();
    expect(seen.cancels).toEqual([cancelRequest, cancelRequest]);
  });
});

describe('a checkpoint', () => {
  const checkpoint = { step: 1 } as unknown as RunCheckpoint;

  it('goes along where a commit was added last, and only there', () => {
    const store = new AppendedStore();
    const { writer } = writerOn(store);
    writer.add(commitEntry('1'));
    void writer.flush(() => checkpoint);
    writer.add(commitEntry('2'));
    writer.add(first);
    void writer.flush(() => checkpoint);
    expect(store.checkpoints).toEqual([checkpoint, undefined]);
  });
});

describe('chunks', () => {
  it('are let go by their places when the step is committed', () => {
    const store = new AppendedStore();
    const { writer } = writerOn(store, { storedCount: 5, keepsChunks: false });
    writer.add(first);
    writer.add(chunk('1.0#1', 0, ['a', 'b']));
    void writer.flush();
    writer.add(chunk('1.0#1', 2, ['c']));
    void writer.flush();
    expect(store.dropped).toEqual([]);
    void writer.dropChunks();
    const emptied = (ordinal: number, dropped: number) => ({
      ...chunk('1.0#1', ordinal, []),
      dropped,
      observed: { times: [] },
    });
    expect(store.dropped).toEqual([
      [
        { place: 6, entry: emptied(0, 2) },
        { place: 7, entry: emptied(2, 1) },
      ],
    ]);
    void writer.dropChunks();
    expect(store.dropped).toHaveLength(1);
  });

  it('stay where they are kept', () => {
    const store = new AppendedStore();
    const { writer } = writerOn(store);
    writer.add(chunk('1.0#1', 0, ['a']));
    void writer.flush();
    expect(writer.dropChunks()).toBeUndefined();
    expect(store.dropped).toEqual([]);
  });
});

it('writes what is left before it gives the run back', async () => {
  const store = new AppendedStore();
  const { writer } = writerOn(store);
  writer.add(first);
  await writer.release({ status: 'paused', wakeAt: 7 });
  expect(store.appends).toEqual([[first]]);
  expect(store.releases).toEqual([{ status: 'paused', wakeAt: 7 }]);
});
