// Deleting in a file: bit by bit, while others write, over the death of who deletes; and giving the room back.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStoreOptions } from '../../../../src/store/sqlite/options.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, endEntry, eventEntry, runEntry } from '../../../support/journals.ts';
import { codeOf } from '../../../support/store-codes.ts';

const newPath = (): string => join(temporaryFolder(), 'runs.db');

function storeIn(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const store = sqliteStore(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** A run that has ended, of so many entries, each with parts of its own. */
async function add(store: SqliteStore, runId: string, count = 5): Promise<void> {
  const events = Array.from({ length: count }, (_unused, ordinal) =>
    eventEntry('1.0#1', { ordinal, data: `${runId} ${ordinal} secret-in-${runId} `.repeat(300) }),
  );
  await store.append(await store.create(runEntry(runId)), [...events, endEntry()]);
}

/** Copies the only run of a file, with other numbers and ids: through the store each would be two transactions. */
function copyRun(path: string, count: number): void {
  const file = new Database(path);
  const columnsOf = (table: string, changed: Readonly<Record<string, string>>): string =>
    (file.pragma(`table_info(${table})`) as readonly { readonly name: string }[])
      .map(({ name }) => changed[name] ?? name)
      .join();
  const copies = `WITH RECURSIVE copies (place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM copies WHERE place < ${count})`;
  file.exec(`
    ${copies} INSERT INTO run
      SELECT ${columnsOf('run', { number: 'number + place', id: "'run-' || place", crc: 'NULL' })} FROM run, copies;
    ${copies} INSERT INTO entry SELECT ${columnsOf('entry', { run: 'run + place', crc: 'NULL' })} FROM entry, copies`);
  file.close();
}

function countsIn(path: string): Record<string, unknown> {
  const file = new Database(path);
  const counts = file
    .prepare(
      `SELECT (SELECT count(*) FROM run) AS runs, (SELECT count(*) FROM entry) AS entries,
         (SELECT count(*) FROM part) AS parts, (SELECT count(*) FROM label) AS labels,
         (SELECT count(*) FROM deleted) AS deleted`,
    )
    .get() as Record<string, unknown>;
  file.close();
  return counts;
}

const nothing = { runs: 0, entries: 0, parts: 0, labels: 0, deleted: 0 };

describe('deleting', () => {
  it('leaves no row of a run behind', async () => {
    const path = newPath();
    const store = storeIn(path);
    await add(store, 'run-1', 3_000);
    await store.label('run-1', { step: 0, label: 'start' });
    expect(countsIn(path)).toMatchObject({ runs: 1, entries: 3_002, labels: 1 });
    await store.delete('run-1');
    expect(countsIn(path)).toEqual(nothing);
  });

  it('lets a writer of another process in between', async () => {
    const path = newPath();
    const store = storeIn(path);
    for (let index = 0; index < 30; index += 1) await add(store, `run-${index}`, 400);
    const other = new Database(path, { timeout: 0 });
    onTestFinished(() => void other.close());
    const insert = other.prepare("INSERT INTO owner (id, expires_at) VALUES ('o' || random(), 0)");
    let isPruning = true;
    const pruned = store.prune({ olderThan: 1e9 }).finally(() => {
      isPruning = false;
    });
    let writes = 0;
    while (isPruning) {
      insert.run();
      writes += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await pruned).toHaveLength(30);
    expect(writes).toBeGreaterThan(10);
    expect(countsIn(path)).toEqual(nothing);
  });

  it('finishes what a process that died has left', async () => {
    const path = newPath();
    const store = storeIn(path);
    for (const runId of ['run-1', 'run-2']) await add(store, runId, 100);
    const file = new Database(path);
    // What it had done: the first of its transactions.
    file.exec("INSERT INTO deleted SELECT number FROM run WHERE id = 'run-1'; DELETE FROM run WHERE id = 'run-1'");
    file.close();
    await expect(collected(store.read('run-1'))).rejects.toMatchObject({ code: 'run-unknown' });
    await store.delete('run-2');
    expect(countsIn(path)).toEqual(nothing);
  });

  it('does not delete a run that was resumed after it was found', async () => {
    const path = newPath();
    const store = storeIn(path);
    const ids = Array.from({ length: 60 }, (_unused, index) => `run-${index}`);
    for (const runId of ids) await add(store, runId, 1);
    const failed = await store.create(runEntry('failed'));
    await store.append(failed, [endEntry({ end: { status: 'failed', error: 'no' } })]);
    const other = storeIn(path);
    const pruned = store.prune({ olderThan: 1e9 });
    // All of them are found at once, so this one was found too.
    while ((await other.find('run-0')) !== undefined) await Promise.resolve();
    expect(await other.find('failed')).toMatchObject({ status: 'failed' });
    const lease = await other.take('failed');
    expect((await pruned).map(({ runId }) => runId)).toEqual(ids);
    await other.append(lease, [eventEntry('1.0#2')]);
    expect(await other.find('failed')).toMatchObject({ status: 'running', entryCount: 3 });
  });

  it('is refused by a store that is opened for reading', async () => {
    const path = newPath();
    await add(storeIn(path), 'run-1');
    const store = storeIn(path, { mode: 'read' });
    expect(await codeOf(() => store.delete('run-1'))).toBe('store-read-only');
    expect(await codeOf(() => store.prune({ olderThan: 1e9 }))).toBe('store-read-only');
    expect(await codeOf(() => store.vacuum())).toBe('store-read-only');
  });

  it('deletes ten thousand runs, and tells of each', async () => {
    const path = newPath();
    const store = storeIn(path);
    await add(store, 'run-0', 0);
    copyRun(path, 9_999);
    const pruned = await store.prune({ olderThan: 1e9, keep: 10 });
    expect(pruned).toHaveLength(9_990);
    expect((await store.list({})).map(({ runId }) => runId)).toContain('run-9999');
    expect(countsIn(path)).toMatchObject({ runs: 10, entries: 20 });
  });
});

describe('giving room back', () => {
  it('makes the file smaller, and leaves nothing of what was deleted in it', async () => {
    const path = newPath();
    const store = storeIn(path);
    for (const runId of ['run-1', 'run-2', 'run-3']) await add(store, runId, 500);
    await store.delete('run-2');
    const { freedBytes, fileBytes, logBytes } = await store.vacuum();
    expect(freedBytes).toBeGreaterThan(fileBytes / 3);
    expect(statSync(path).size).toBe(fileBytes);
    expect(logBytes).toBe(0);
    const bytes = readFileSync(path);
    expect(bytes.includes('secret-in-run-1')).toBe(true);
    expect(bytes.includes('secret-in-run-2')).toBe(false);
    expect(await collected(store.read('run-3'))).toHaveLength(502);
    expect(await store.vacuum()).toMatchObject({ freedBytes: 0, fileBytes });
  });

  it('lets a writer of another process in between', async () => {
    const path = newPath();
    const store = storeIn(path);
    for (let index = 0; index < 10; index += 1) await add(store, `run-${index}`, 800);
    await store.prune({ olderThan: 1e9 });
    const writer = storeIn(path);
    const lease = await writer.create(runEntry('writer'));
    let isVacuuming = true;
    const vacuumed = store.vacuum().finally(() => {
      isVacuuming = false;
    });
    let writes = 0;
    for (; isVacuuming; writes += 1) {
      await writer.append(lease, [eventEntry('1.0#1', { ordinal: writes })]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect((await vacuumed).freedBytes).toBeGreaterThan(1_000_000);
    expect(writes).toBeGreaterThan(5);
    expect(await collected(writer.read('writer'))).toHaveLength(writes + 1);
  });

  it('leaves a log that somebody is reading, and waits for who is writing', async () => {
    const path = newPath();
    const store = storeIn(path);
    await add(store, 'run-1', 500);
    await store.delete('run-1');
    const other = new Database(path, { timeout: 0 });
    onTestFinished(() => void other.close());
    other.exec('BEGIN; SELECT count(*) FROM entry');
    const reading = await store.vacuum();
    expect(reading.logBytes).toBeGreaterThan(0);
    other.exec('COMMIT; BEGIN IMMEDIATE');
    const vacuumed = store.vacuum();
    setTimeout(() => other.exec('COMMIT'), 30);
    expect((await vacuumed).logBytes).toBe(0);
  });

  it('says what a file of an older release needs, and does it when it is asked to', async () => {
    const path = newPath();
    const old = new Database(path);
    old.pragma('auto_vacuum = NONE');
    old.exec('CREATE TABLE first (x); DROP TABLE first');
    old.close();
    const store = storeIn(path);
    for (const runId of ['run-1', 'run-2']) await add(store, runId, 500);
    await store.delete('run-1');
    const before = statSync(path).size;
    await expect(store.vacuum()).rejects.toMatchObject({
      code: 'store-rewrite-needed',
      nextStep: expect.stringContaining('rewrite: true'),
    });
    const { freedBytes, logBytes } = await store.vacuum({ rewrite: true });
    expect(freedBytes).toBeGreaterThan(before / 3);
    expect(logBytes).toBe(0);
    expect(await collected(store.read('run-2'))).toHaveLength(502);
    await store.delete('run-2');
    expect((await store.vacuum()).freedBytes).toBeGreaterThan(1_000_000);
  });
});
