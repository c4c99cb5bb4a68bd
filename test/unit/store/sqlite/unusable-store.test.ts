// Files that are not stores, or may not be used: each has an error code of its own, and is left as it was.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from '../../../../src/store/sqlite/file/handle.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { storeError } from '../../../../src/store/sqlite/file/store-error.ts';
import type { RunStore } from '../../../../src/port/store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, eventEntry, runEntry, smallJournal } from '../../../support/journals.ts';
import { codeOf, codesOf } from '../../../support/store-codes.ts';
import { withoutRights } from '../../../support/without-rights.ts';

const isPosix = process.platform !== 'win32';

async function written(): Promise<string> {
  const path = join(temporaryFolder(), 'runs.db');
  const store = sqliteStore(path);
  const lease = await store.create(runEntry('run-1'));
  const large = eventEntry('1.0#1', { ordinal: 9, data: 'x'.repeat(20_000) });
  await store.append(lease, [large, ...smallJournal().slice(1)]);
  await store.close();
  return path;
}

const all = (code: string): readonly string[] => Array.from({ length: 7 }, () => code);

describe('a file that is not a store', () => {
  it.each([
    ['a text', 'just some notes, and more of them than a header has: '.repeat(20)],
    ['zeros', Buffer.alloc(8_192)],
    ['a header alone', 'SQLite format 3\u0000'.padEnd(4_096, 'x')],
  ])('is refused and left as it was: %s', async (_what, content) => {
    const path = join(temporaryFolder(), 'runs.db');
    writeFileSync(path, content);
    const before = readFileSync(path);
    for (const mode of ['write', 'read'] as const) {
      expect(await codesOf(sqliteStore(path, { mode }))).toEqual(all('store-unreadable'));
    }
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(dirname(path))).toEqual(['runs.db']);
  });

  it('is refused and left as it was: a database of another program', async () => {
    const path = join(temporaryFolder(), 'other.db');
    const other = new Database(path);
    other.exec('CREATE TABLE run (id TEXT); CREATE TABLE bookmark (url TEXT)');
    other.close();
    const before = readFileSync(path);
    expect(await codesOf(sqliteStore(path))).toEqual(all('store-unreadable'));
    expect(readFileSync(path)).toEqual(before);
  });

  it('is refused: a folder, a place below a file, a folder that is missing', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'file'), '');
    for (const place of ['folder', 'file/runs.db', 'missing/runs.db']) {
      expect(await codesOf(sqliteStore(join(folder, place))), place).toEqual(all('store-unreadable'));
    }
    expect(readdirSync(folder)).toEqual(['file', 'folder']);
  });

  it('is not made by who wants to read it', async () => {
    const path = join(temporaryFolder(), 'runs.db');
    expect((await codesOf(sqliteStore(path, { mode: 'read' }))).slice(0, 3)).toEqual(
      all('store-unreadable').slice(0, 3),
    );
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, '');
    expect((await codesOf(sqliteStore(path, { mode: 'read' }))).slice(0, 3)).toEqual(
      all('store-unreadable').slice(0, 3),
    );
    expect(readFileSync(path)).toHaveLength(0);
  });
});

describe('a store that is damaged', () => {
  it('is read or refused, wherever it was cut off', async () => {
    const path = await written();
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length; length += 997) {
      writeFileSync(path, whole.subarray(0, length));
      const store = sqliteStore(path, { mode: 'read' });
      expect(['none', 'run-unknown', 'store-unreadable'], `${length} bytes`).toContain(
        await codeOf(() => collected(store.read('run-1'))),
      );
      await store.close();
    }
  });

  it('is read or refused, whichever bytes are others, and never read as another run', async () => {
    const path = await written();
    const whole = readFileSync(path);
    const store = sqliteStore(path);
    const entries = await collected(store.read('run-1'));
    await store.close();
    const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(changes, async (bytes) => {
        const damaged = Buffer.from(whole);
        for (const [place, byte] of bytes) damaged[place] = byte;
        writeFileSync(path, damaged);
        const read = sqliteStore(path, { mode: 'read' });
        let found: readonly unknown[] = [];
        const code = await codeOf(async () => {
          found = await collected(read.read('run-1'));
        });
        await read.close();
        expect(['none', 'run-unknown', 'store-unreadable', 'store-version-unknown']).toContain(code);
        // A change within a text cannot be seen: a store is no sealed record. But a run is whole, or it is refused.
        if (code === 'none') expect(found.length).toBe(entries.length);
      }),
      { numRuns: process.env.REPRISE_TEST_SIZE === 'long' ? 5_000 : 200 },
    );
  });
});

/** In a process of its own, and as a user who may not write everywhere. */
async function codesOfAnother(...given: readonly string[]): Promise<readonly string[]> {
  const user = process.geteuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['test/support/store-process-main.ts', ...given],
    user,
  );
  return JSON.parse(stdout) as readonly string[];
}

const readRefusals = ['store-read-only', 'store-read-only', 'store-read-only', 'store-read-only'] as const;

describe('a store that may not be used', () => {
  it('is refused if a newer release made it, with both versions named, and left as it was', async () => {
    const path = await written();
    const other = new Database(path);
    other.pragma('user_version = 99');
    other.close();
    const before = readFileSync(path);
    expect(await codesOf(sqliteStore(path))).toEqual(all('store-version-unknown'));
    expect(() => sqliteStore(path).list({})).toThrow(/schema 99.*up to 8/);
    expect(readFileSync(path)).toEqual(before);
  });

  it('is read and not written in mode read', async () => {
    const path = await written();
    const before = readFileSync(path);
    expect(await codesOf(sqliteStore(path, { mode: 'read' }))).toEqual(['none', 'none', 'none', ...readRefusals]);
    expect(readFileSync(path)).toEqual(before);
  });

  it.runIf(isPosix)('is read and not written, where the rights to write are missing', async () => {
    const path = await written();
    chmodSync(path, 0o444);
    chmodSync(dirname(path), 0o555);
    expect(await codesOfAnother('codes', path, 'read')).toEqual(['none', 'none', 'none', ...readRefusals]);
    expect((await codesOfAnother('codes', path, 'write')).slice(3)).toEqual(readRefusals);
    expect(new Set(await codesOfAnother('codes', join(dirname(path), 'new.db'), 'write'))).toEqual(
      new Set(['store-read-only']),
    );
    chmodSync(dirname(path), 0o755);
    expect(readdirSync(dirname(path))).toEqual(['runs.db']);
  });

  it.runIf(isPosix)('is refused, where the rights to read are missing', async () => {
    const path = await written();
    chmodSync(path, 0o000);
    chmodSync(dirname(path), 0o755);
    await withoutRights(async () => {
      expect(await codeOf(() => sqliteStore(path, { mode: 'read' }).list({}))).toMatch(
        /^store-(?:unreadable|read-only)$/,
      );
    });
  });

  it('is refused for options that it does not know', () => {
    const made =
      (path: unknown, options?: unknown): (() => RunStore) =>
      () =>
        sqliteStore(path as string, options as object);
    for (const path of ['', ' ', undefined, 7, 'a\u0000b']) {
      expect(made(path)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
    for (const options of [
      { mdoe: 'read' },
      { mode: 'append' },
      { sync: true },
      { busyMs: -1 },
      { busyMs: Number.NaN },
      { busyMs: '5' },
    ]) {
      expect(made('runs.db', options)).toThrow(expect.objectContaining({ code: 'option-invalid' }));
    }
    expect(made('runs.db', { mdoe: 'read' })).toThrow(
      expect.objectContaining({ nextStep: expect.stringContaining('"mode"') }),
    );
  });
});

describe('SQLite itself', () => {
  it('is not touched by a Node that it would crash', () => {
    let isLoaded = false;
    const load = (): void => {
      isLoaded = true;
    };
    for (const version of ['20.20.2', '22.17.1', '18.0.0']) {
      expect(() => loadSqlite(version, load)).toThrow(
        expect.objectContaining({
          code: 'node-too-old',
          message: expect.stringContaining(version),
          nextStep: 'Use Node 22.18 or newer.',
        }),
      );
    }
    expect(isLoaded).toBe(false);
    for (const version of ['22.18.0', '23.0.0', '24.21.0', '26.10.0']) {
      expect(loadSqlite(version, () => Database)).toBe(Database);
    }
  });

  it('says what to install where it is missing, and why where it cannot be loaded', () => {
    const failing = (code: string) => () => {
      throw Object.assign(new Error('no such file'), { code });
    };
    expect(() => loadSqlite('24.0.0', failing('MODULE_NOT_FOUND'))).toThrow(/not installed/);
    expect(() => loadSqlite('24.0.0', failing('ERR_DLOPEN_FAILED'))).toThrow(/cannot be loaded: no such file/);
    expect(() => loadSqlite('24.0.0', failing('ERR_DLOPEN_FAILED'))).toThrow(
      expect.objectContaining({ code: 'peer-missing' }),
    );
  });

  it.each([
    ['SQLITE_BUSY', 'store-locked'],
    ['SQLITE_BUSY_SNAPSHOT', 'store-locked'],
    ['SQLITE_FULL', 'store-full'],
    ['SQLITE_IOERR_SHMSIZE', 'store-full'],
    ['SQLITE_READONLY_DBMOVED', 'store-read-only'],
    ['SQLITE_IOERR_WRITE', 'store-unreadable'],
    ['SQLITE_CORRUPT_INDEX', 'store-unreadable'],
    ['SQLITE_NOTADB', 'store-unreadable'],
    ['SQLITE_CANTOPEN_ISDIR', 'store-unreadable'],
    ['SQLITE_ERROR', 'store-unreadable'],
    ['SQLITE_PROTOCOL', 'store-unreadable'],
  ])('fails with a code and the cause: %s as %s', (code, expected) => {
    const cause = Object.assign(new Error('what SQLite said'), { code });
    expect(storeError(cause, 'runs.db')).toMatchObject({
      code: expected,
      cause,
      fields: { path: 'runs.db', sqlite: code },
    });
  });

  it('leaves faults of code alone', () => {
    const fault = new TypeError('ours');
    expect(storeError(fault, 'runs.db')).toBe(fault);
  });
});
