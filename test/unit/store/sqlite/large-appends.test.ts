// Large appends: what is large in them goes ahead, in short transactions, and the entries are still there all at once.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Entry } from '../../../../src/journal/entry.ts';
import type { Later, Lease } from '../../../../src/port/store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, commitEntry, eventEntry, runEntry } from '../../../support/journals.ts';

function storeIn(path: string) {
  const store = sqliteStore(path, { checkpointLength: 0 });
  onTestFinished(() => store.close());
  return store;
}

/** Of some megabytes: many entries with a large value each, and one with a larger one. */
const entries: readonly Entry[] = [
  ...Array.from({ length: 60 }, (_unused, ordinal) =>
    eventEntry('1.0#1', { ordinal, data: `${ordinal} of these words `.repeat(3_000) }),
  ),
  eventEntry('1.0#1', { ordinal: 60, data: Array.from({ length: 3_000 }, (_unused, n) => `${n} `.repeat(200)) }),
  commitEntry('1'),
];

/** Calls `look` between any two transactions that this process writes. */
async function lookMeanwhile<Result>(work: Promise<Result>, look: () => void): Promise<Result> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  while (!isOver) {
    look();
    await new Promise(setImmediate);
  }
  return over;
}

describe('a large append', () => {
  it('is there as a whole or not at all, and is written in many short transactions', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const store = storeIn(path);
    const lease = await store.create(runEntry('run'));
    const file = new Database(path, { readonly: true });
    onTestFinished(() => void file.close());
    const seen = { entries: new Set<unknown>(), parts: new Set<unknown>() };
    await lookMeanwhile(Promise.resolve(store.append(lease, entries)), () => {
      seen.entries.add(file.prepare('SELECT count(*) FROM entry').pluck().get());
      seen.parts.add(file.prepare('SELECT count(*) FROM part').pluck().get());
    });
    expect([...seen.entries].filter((count) => count !== 1 + entries.length)).toEqual([1]);
    expect(seen.parts.size).toBeGreaterThan(5);
    expect((await collected(store.read('run'))).slice(1)).toEqual(entries);
  });

  it('whose run is taken over meanwhile leaves parts alone, which serve the next owner and go with the run', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    const store = storeIn(path);
    const other = storeIn(path);
    const lease = await store.create(runEntry('run'));
    const file = new Database(path, { readonly: true });
    onTestFinished(() => void file.close());
    const partCount = file.prepare('SELECT count(*) FROM part').pluck();
    let taken: Later<Lease> | undefined;
    const written = lookMeanwhile(Promise.resolve(store.append(lease, entries)), () => {
      if (taken === undefined && Number(partCount.get()) > 0) taken = other.take('run');
    });
    await expect(written).rejects.toMatchObject({ code: 'lease-lost' });
    expect(await collected(other.read('run'))).toHaveLength(1);
    expect(partCount.get()).toBeGreaterThan(0);
    const next = await (taken as unknown as Later<Lease>);
    await other.append(next, entries);
    expect((await collected(other.read('run'))).slice(1)).toEqual(entries);
    await other.release(next);
    await other.delete('run');
    expect(partCount.get()).toBe(0);
  });

  it('has its checkpoint after the last entry', async () => {
    const store = storeIn(join(temporaryFolder(), 'runs.db'));
    const run = runEntry('run');
    const lease = await store.create(run);
    let asked = 0;
    await store.append(lease, entries, () => {
      asked += 1;
      return { run, step: 1, state: { text: 'state '.repeat(200_000) }, frontier: [], stepCount: 1 };
    });
    expect(asked).toBe(1);
    expect(await store.checkpoint?.('run')).toMatchObject({ place: entries.length, checkpoint: { step: 1 } });
  });

  it('leaves a small one as it was: written before the call returns', async () => {
    const store = storeIn(join(temporaryFolder(), 'runs.db'));
    const lease = await store.create(runEntry('run'));
    expect(store.append(lease, [eventEntry('1.0#1', { data: 'word '.repeat(20_000) })])).toBeUndefined();
  });
});
