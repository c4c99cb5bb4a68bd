// Disks that are full, read-only, or lost the end of a file: what was committed is there, and the run continues when the
// trouble is over.
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { append, createEngine, fields, graph } from '../../../../src/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStoreOptions } from '../../../../src/store/sqlite/options.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, endEntry, eventEntry, runEntry } from '../../../support/journals.ts';
import { smallDisk } from '../../../support/small-disk.ts';
import { codeOf } from '../../../support/store-codes.ts';

function storeIn(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const store = sqliteStore(path, options);
  onTestFinished(() => store.close());
  return store;
}

/** A run of many steps, each of which writes forty kilobytes; `asked` holds what it asked of the outside. */
function largeRun(steps: number) {
  const asked: number[] = [];
  const built = graph('large', { state: fields({ log: append<number>() }) })
    .node('add', async ({ log }, { effect }) => {
      const text = await effect('large', { step: log.length }, async ({ step }) => {
        asked.push(step);
        return Array.from({ length: 4_000 }, (_unused, index) => `${step} ${index}`).join();
      });
      return { delta: { log: [text.length] } };
    })
    .edge('add', 'add', { when: ({ log }) => log.length < steps })
    .start('add')
    .build();
  return { built, asked };
}

const isWhole = (path: string): unknown => {
  const file = new Database(path, { readonly: true });
  const result = file.pragma('integrity_check', { simple: true });
  file.close();
  return result;
};

describe('a full disk', () => {
  it('stops a run with store-full; what was committed is intact, and the run is resumed when there is room', async (context) => {
    const disk = smallDisk('2m');
    if (disk === undefined) return context.skip();
    const path = join(disk.folder, 'runs.db');
    const store = storeIn(path);
    const { built, asked } = largeRun(100);
    const engine = createEngine(built, { store });
    expect(await codeOf(() => engine.run({}, { runId: 'run-1' }))).toBe('store-full');
    const before = asked.length;
    expect(before).toBeGreaterThan(5);
    expect(before).toBeLessThan(100);

    // Nothing more can be written, by anybody; all can be read.
    expect(await codeOf(() => engine.resume('run-1'))).toBe('store-full');
    const other = storeIn(path);
    expect(await codeOf(() => other.create(runEntry('run-2', undefined, 1)))).toMatch(/^(?:none|store-full)$/);
    const read = await collected(other.read('run-1'));
    expect(await other.find('run-1')).toMatchObject({ status: 'interrupted', entryCount: read.length });
    expect(isWhole(path)).toBe('ok');

    disk.remount('size=32m');
    const result = await engine.resume('run-1');
    expect(result.status).toBe('done');
    // Each of the two that found no room may have asked for the last step, and for nothing else.
    const again = asked.filter((step, index) => asked.indexOf(step) !== index);
    expect(again.length).toBeLessThanOrEqual(2);
    expect(new Set(again).size).toBeLessThanOrEqual(1);
    expect(new Set(asked).size).toBe(100);
    const all = await collected(other.read('run-1'));
    expect(JSON.stringify(all.slice(0, read.length))).toBe(JSON.stringify(read));
    expect(isWhole(path)).toBe('ok');
    await engine.close();
  });

  it('refuses a new store with store-full, and is left without a broken one', async (context) => {
    const disk = smallDisk('256k');
    if (disk === undefined) return context.skip();
    const codes = new Set<string>();
    const ballast = join(disk.folder, 'ballast');
    for (const left of [0, 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40, 48, 56]) {
      const path = join(disk.folder, `runs-${left}.db`);
      writeFileSync(ballast, Buffer.alloc((64 - left) * 4_096));
      const store = sqliteStore(path);
      codes.add(await codeOf(() => store.create(runEntry('run-1'))));
      store.close();
      rmSync(ballast);
      const again = sqliteStore(path);
      const code = await codeOf(() => again.create(runEntry('run-1')));
      expect([left, code]).toEqual([left, expect.stringMatching(/^(?:none|run-exists)$/)]);
      expect(await collected(again.read('run-1'))).toHaveLength(1);
      again.close();
      for (const file of readdirSync(disk.folder)) rmSync(join(disk.folder, file));
    }
    expect([...codes].sort()).toEqual(['none', 'store-full']);
  });

  it('makes room by deleting runs', async (context) => {
    const disk = smallDisk('4m');
    if (disk === undefined) return context.skip();
    const store = storeIn(join(disk.folder, 'runs.db'));
    const data = (run: number): string => Array.from({ length: 10_000 }, (_unused, index) => `${run} ${index}`).join();
    let count = 0;
    const fill = async (): Promise<void> => {
      count += 1;
      const lease = await store.create(runEntry(`run-${count}`));
      await store.append(lease, [eventEntry('1.0#1', { data: data(count) }), endEntry()]);
    };
    const fillUp = async (): Promise<string> => {
      for (let written = 0; written < 200; written += 1) {
        const code = await codeOf(fill);
        if (code !== 'none') return code;
      }
      return 'none';
    };
    // A reserve of a part of the disk is what a deletion needs: it is written too.
    const reserve = join(disk.folder, 'reserve');
    writeFileSync(reserve, Buffer.alloc(1_500_000));
    expect(await fillUp()).toBe('store-full');
    rmSync(reserve);
    const full = count;
    expect(await store.prune({ olderThan: 1e9 })).toHaveLength(full - 1);
    await store.vacuum();
    expect(await fillUp()).toBe('store-full');
    expect(count - full).toBeGreaterThan(5);
  });
});

describe('a log that lost its end', () => {
  it('gives the appends before it, each whole, and the run resumes after them', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'runs.db');
    const store = storeIn(path);
    const lease = await store.create(runEntry('run-1'));
    for (let batch = 0; batch < 20; batch += 1) {
      const ordinals = [0, 1, 2].map((place) => batch * 3 + place);
      const data = `${batch} `.repeat(2_000);
      await store.append(
        lease,
        ordinals.map((ordinal) => eventEntry('1.0#1', { ordinal, data })),
      );
    }
    const log = readFileSync(`${path}-wal`);
    const counts = new Set<number>();
    for (let length = log.length; length > 0; length -= 3_001) {
      const copy = join(folder, 'copy.db');
      for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true });
      copyFileSync(path, copy);
      writeFileSync(`${copy}-wal`, log.subarray(0, length));
      const cut = sqliteStore(copy);
      const code = await codeOf(async () => {
        const read = await collected(cut.read('run-1'));
        const ordinals = read.flatMap((entry) => (entry.kind === 'event' ? [entry.ordinal] : []));
        expect(ordinals).toEqual(Array.from({ length: ordinals.length }, (_unused, index) => index));
        expect(ordinals.length % 3).toBe(0);
        counts.add(ordinals.length);
        const next = await cut.take('run-1');
        await cut.append(next, [eventEntry('1.0#1', { ordinal: ordinals.length })]);
        expect(await cut.find('run-1')).toMatchObject({ entryCount: read.length + 1 });
      });
      expect(['none', 'run-unknown']).toContain(code);
      cut.close();
    }
    expect(counts.size).toBeGreaterThan(5);
    expect(counts).toContain(60);
  });
});

describe('a disk that becomes read-only', () => {
  it('refuses to write with store-read-only, is read, and the run continues when it can be written again', async (context) => {
    const disk = smallDisk('4m');
    if (disk === undefined) return context.skip();
    const path = join(disk.folder, 'runs.db');
    const store = sqliteStore(path);
    await store.release(await store.create(runEntry('run-1'), [eventEntry('1.0#1')]));
    store.close();
    disk.remount('ro');
    const stuck = sqliteStore(path);
    expect(await codeOf(() => stuck.take('run-1'))).toBe('store-read-only');
    stuck.close();
    const reader = sqliteStore(path, { mode: 'read' });
    expect(await collected(reader.read('run-1'))).toHaveLength(2);
    expect(await codeOf(() => reader.take('run-1'))).toBe('store-read-only');
    reader.close();
    expect(await codeOf(() => storeIn(join(disk.folder, 'new.db')).list({}))).toBe('store-read-only');
    expect(existsSync(join(disk.folder, 'new.db'))).toBe(false);
    disk.remount('rw');
    const writer = storeIn(path);
    await writer.append(await writer.take('run-1'), [endEntry()]);
    expect(await writer.find('run-1')).toMatchObject({ status: 'done', entryCount: 3 });
    expect(statSync(path).size).toBeGreaterThan(0);
  });
});
