import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RunStore } from '../../../../src/port/store.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, eventEntry, runEntry } from '../../../support/journals.ts';

describe('a run in a file that was tampered with', () => {
  async function tampered(sql: string): Promise<RunStore> {
    const path = join(temporaryFolder(), 'runs.db');
    const store = sqliteStore(path);
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, [eventEntry('1.0#1'), eventEntry('1.0#1', { ordinal: 1, data: 'x'.repeat(20_000) })]);
    const other = new Database(path);
    other.exec(sql);
    other.close();
    onTestFinished(() => store.close());
    return store;
  }

  it.each([
    ['its beginning is gone', 'DELETE FROM entry WHERE sequence = 0'],
    ['an entry is gone', 'DELETE FROM entry WHERE sequence = 1'],
    ['a part is gone', 'DELETE FROM part'],
    ['a part is another one', "UPDATE part SET json = '[]'"],
    ['an entry is no JSON', "UPDATE entry SET json = '{', crc = NULL WHERE sequence = 1"],
    ['an entry is a number', 'UPDATE entry SET json = 7, crc = NULL WHERE sequence = 1'],
    ['an entry is of bytes', "UPDATE entry SET json = x'00ff', crc = NULL WHERE sequence = 1"],
    ['an entry is another one', "UPDATE entry SET json = '{}', crc = NULL WHERE sequence = 1"],
    [
      'it begins with something else',
      'UPDATE entry SET json = (SELECT json FROM entry WHERE sequence = 1), crc = NULL WHERE sequence = 0',
    ],
    [
      'an entry is not the one that was written',
      "UPDATE entry SET json = replace(json, 'event', 'Event') WHERE sequence = 1",
    ],
    ['an entry was written at another time', 'UPDATE entry SET time = time + 1 WHERE sequence = 1'],
    [
      'an entry has changed places',
      'UPDATE entry SET sequence = sequence - 3 WHERE sequence < 2; UPDATE entry SET sequence = - 2 - sequence WHERE sequence < 0',
    ],
    ['a part is not the one that was written', "UPDATE part SET json = replace(json, 'x', 'y')"],
    ['its last entries are gone', "DELETE FROM entry WHERE sequence > 1; UPDATE run SET status = 'paused', last = 5"],
    ['its entries are gone', 'DROP TABLE entry'],
    ['all of its entries are gone', 'DELETE FROM entry'],
    ['it has ended, but its end is gone', "UPDATE run SET status = 'done'"],
  ])('is refused as unreadable: %s', async (_what, sql) => {
    const store = await tampered(sql);
    await expect(collected(store.read('run-1'))).rejects.toMatchObject({ code: 'store-unreadable' });
  });
});

it('refuses an id that SQLite would take for another one', async () => {
  const store = sqliteStore(join(temporaryFolder(), 'runs.db'));
  await store.create(runEntry('\ufffd'));
  expect(() => store.create(runEntry('\ud800'))).toThrow(expect.objectContaining({ code: 'option-invalid' }));
  await store.close();
});

it.each([
  [
    'an entry is another one',
    "UPDATE entry SET json = replace(json, 'event', 'Event') WHERE sequence = 1 AND run = 1",
    ['first', 'second'],
  ],
  ['its entries cannot be found', 'DELETE FROM entry WHERE run = 1', ['second']],
])(
  'lists and hands out the other runs beside a damaged one, and says which that is: %s',
  async (_what, sql, dueIds) => {
    const path = join(temporaryFolder(), 'runs.db');
    const store = sqliteStore(path);
    for (const id of ['first', 'second']) {
      const lease = await store.create(runEntry(id));
      await store.append(lease, [eventEntry('1.0#1')]);
      await store.release(lease);
    }
    const other = new Database(path);
    other.exec(sql);
    other.close();
    const graph = runEntry('first').graph.name;
    for (const query of [{}, { graph }]) {
      const listed = await store.list(query);
      expect(listed).toMatchObject([{ runId: 'second' }, { runId: 'first', isDamaged: true }]);
      expect(listed[0]).not.toHaveProperty('isDamaged');
    }
    const due = await store.due(graph, 10);
    expect(due.map(({ runId }) => runId).sort()).toEqual(dueIds);
    expect(() => store.find('first')).toThrow(expect.objectContaining({ code: 'store-unreadable' }));
    await store.close();
  },
);

it('finds an index that is not that of its table', async () => {
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path);
  await store.create(runEntry('run-1'));
  expect(await store.check()).toEqual([]);
  await store.close();
  const other = new Database(path);
  other.unsafeMode();
  other.pragma('writable_schema = ON');
  other.exec("UPDATE sqlite_schema SET sql = replace(sql, 'wake_at', 'created_at') WHERE name = 'run_by_wake'");
  other.close();
  const again = sqliteStore(path);
  expect(await again.check()).not.toEqual([]);
  await again.close();
});
