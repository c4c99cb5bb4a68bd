// How a long journal is read: in pages, between which everything else in the process has its turn.
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Lease, RunStore } from '../../../../src/port/store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, commitEntry, endEntry, eventEntry, runEntry } from '../../../support/journals.ts';

async function storeWith(count: number, dataOf: (ordinal: number) => string): Promise<RunStore> {
  const store = sqliteStore(join(temporaryFolder(), 'runs.db'));
  onTestFinished(() => store.close());
  const lease = await store.create(runEntry('long'));
  const entries = Array.from({ length: count }, (_unused, ordinal) =>
    eventEntry('1.0#1', { ordinal, data: dataOf(ordinal) }),
  );
  await store.append(lease, entries);
  return store;
}

/** How many turns of the event loop there were while the journal was read, and how many entries were read. */
async function turnsOfRead(store: RunStore): Promise<{ readonly turns: number; readonly count: number }> {
  let turns = 0;
  let isOver = false;
  const look = (): void => {
    turns += 1;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  const { length } = await collected(store.read('long'));
  isOver = true;
  return { turns, count: length };
}

describe('a journal that is read', () => {
  it('leaves the event loop its turns, one a page of entries', async () => {
    const { turns, count } = await turnsOfRead(await storeWith(5_000, String));
    expect(count).toBe(5_001);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('has smaller pages where its entries are large, whether or not their contents are shared', async () => {
    const own = await turnsOfRead(await storeWith(40, (ordinal) => String(ordinal).repeat(100_000)));
    expect(own.count).toBe(41);
    expect(own.turns).toBeGreaterThanOrEqual(10);
    const shared = await turnsOfRead(await storeWith(40, () => 'same '.repeat(40_000)));
    expect(shared.count).toBe(41);
    expect(shared.turns).toBeGreaterThanOrEqual(10);
  });

  it('leaves turns inside of one entry that is made of many parts, and gives it whole', async () => {
    const store = sqliteStore(join(temporaryFolder(), 'runs.db'));
    onTestFinished(() => store.close());
    const frontier = Array.from({ length: 20_000 }, (_unused, input) => ({ node: 'ask', input: `input ${input}` }));
    const lease = await store.create(runEntry('long'), [commitEntry('0', { frontier })]);
    await store.append(lease, [endEntry()]);
    expect(await collected(store.read('long', 1))).toEqual([commitEntry('0', { frontier }), endEntry()]);
    expect(await collected(store.read('long', 1, 1))).toHaveLength(1);
    const { turns, count } = await turnsOfRead(store);
    expect(count).toBe(3);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('is whole from any place on and up to any, also at the borders of pages', async () => {
    const store = await storeWith(1_200, String);
    const whole = await collected(store.read('long'));
    for (const from of [0, 1, 499, 500, 501, 1_000, 1_200, 1_201, 5_000])
      for (const limit of [0, 1, 499, 500, 501, Number.POSITIVE_INFINITY])
        expect(await collected(store.read('long', from, limit))).toEqual(whole.slice(from, from + limit));
  });

  it('may be that of a run which had failed when the reading began, and has been resumed since', async () => {
    const store = sqliteStore(join(temporaryFolder(), 'runs.db'));
    onTestFinished(() => store.close());
    await store.append(await store.create(runEntry('long')), [endEntry({ end: { status: 'failed', error: 'no' } })]);
    const reading = collected(store.read('long'));
    // Before the reader has its next turn.
    void store.append(store.take('long') as Lease, [eventEntry('1.0#1', { ordinal: 0, data: 'more' })]);
    expect((await reading).map(({ kind }) => kind)).toEqual(['run', 'end', 'event']);
  });

  it('can be left at any entry, and written meanwhile', async () => {
    const store = await storeWith(1_200, String);
    const lease = await store.take('long');
    let count = 0;
    for await (const entry of store.read('long')) {
      expect(entry.kind).toBe(count === 0 ? 'run' : 'event');
      count += 1;
      if (count === 700) await store.append(lease, [eventEntry('1.0#1', { ordinal: 1_200 })]);
      if (count === 900) break;
    }
    expect(count).toBe(900);
    expect(await collected(store.read('long'))).toHaveLength(1_202);
  });
});
