// What happens while another process holds the lock of a store. Here a second connection holds it: SQLite sees no
// difference.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Lease, RunStore } from '../../../../src/port/store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStoreOptions } from '../../../../src/store/sqlite/options.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, endEntry, eventEntry, runEntry } from '../../../support/journals.ts';

interface Locked {
  readonly store: RunStore;
  readonly lease: Lease;
  readonly unlock: () => void;
}

/** A store with one run, whose file another connection has locked for writing. */
async function lockedStore(options: SqliteStoreOptions = {}): Promise<Locked> {
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path, options);
  const lease = await store.create(runEntry('run-1'));
  const other = new Database(path, { timeout: 0 });
  other.exec('BEGIN IMMEDIATE');
  onTestFinished(() => {
    other.close();
    return store.close();
  });
  return { store, lease, unlock: () => void other.exec('COMMIT') };
}

describe('writes that wait', () => {
  it('are done in the order in which they were asked for', async () => {
    const { store, lease, unlock } = await lockedStore();
    const writes = [0, 1, 2].map((ordinal) => store.append(lease, [eventEntry('1.0#1', { ordinal })]));
    expect(writes.every((write) => write instanceof Promise)).toBe(true);
    unlock();
    writes.push(store.append(lease, [eventEntry('1.0#1', { ordinal: 3 })]));
    writes.push(store.append(lease, [endEntry()]));
    await Promise.all(writes);
    const ordinals = (await collected(store.read('run-1'))).flatMap((entry) =>
      entry.kind === 'event' ? [entry.ordinal] : [],
    );
    expect(ordinals).toEqual([0, 1, 2, 3]);
    expect(await store.find('run-1')).toMatchObject({ status: 'done', entryCount: 6 });
  });

  it('leave the event loop free', async () => {
    const { store, lease, unlock } = await lockedStore();
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
      if (turns === 20) unlock();
    }, 1);
    await store.append(lease, [eventEntry('1.0#1')]);
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(20);
  });

  it('are given up after `busyMs`, having written nothing, and those after them continue', async () => {
    const { store, lease, unlock } = await lockedStore({ busyMs: 30 });
    const first = Promise.resolve(store.append(lease, [eventEntry('1.0#1', { ordinal: 0 })]));
    const second = first.catch(() => unlock()).then(() => store.append(lease, [eventEntry('1.0#1', { ordinal: 1 })]));
    await expect(first).rejects.toMatchObject({ code: 'store-locked' });
    await second;
    expect(await collected(store.read('run-1'))).toMatchObject([{ kind: 'run' }, { ordinal: 1 }]);
  });

  it('fail when the store is closed meanwhile', async () => {
    const { store, lease } = await lockedStore();
    const write = Promise.resolve(store.append(lease, [eventEntry('1.0#1')]));
    await store.close();
    await expect(write).rejects.toMatchObject({ code: 'store-closed' });
  });

  it('do not keep readers waiting', async () => {
    const { store, lease, unlock } = await lockedStore();
    const write = store.append(lease, [eventEntry('1.0#1')]);
    expect(store.find('run-1')).toMatchObject({ entryCount: 1 });
    expect(await collected(store.read('run-1'))).toHaveLength(1);
    unlock();
    await write;
  });

  it('are not made to wait where the file is free', async () => {
    const store = sqliteStore(join(temporaryFolder(), 'runs.db'));
    const lease = store.create(runEntry('run-1'));
    expect(lease).not.toBeInstanceOf(Promise);
    expect(store.append(lease as Lease, [eventEntry('1.0#1')])).toBeUndefined();
    await store.close();
  });
});
