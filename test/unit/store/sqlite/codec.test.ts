// Files whose values only their owner's key can read.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { storeLaws, storePruningLaws } from '../../../../src/explore/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import type { SqliteStoreOptions } from '../../../../src/store/sqlite/options.ts';
import type { StoreCodec } from '../../../../src/store/row/codec.ts';
import { sharedFolder, temporaryFolder } from '../../../support/folder.ts';
import { collected, endEntry, eventEntry, runEntry } from '../../../support/journals.ts';
import { codeOf } from '../../../support/store-codes.ts';

function aes(key: string, name = 'aes-gcm'): StoreCodec {
  const bytes = createHash('sha256').update(key).digest();
  return {
    name,
    encode(text) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce);
      const body = Buffer.concat([cipher.update(text), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]);
    },
    decode(encoded) {
      const decipher = createDecipheriv('aes-256-gcm', bytes, encoded.subarray(0, 12));
      decipher.setAuthTag(encoded.subarray(12, 28));
      return Buffer.concat([decipher.update(encoded.subarray(28)), decipher.final()]);
    },
  };
}

/** No encryption at all, and no check: every key "works". */
function xor(key: number): StoreCodec {
  const turn = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ key);
  return { name: 'xor', encode: turn, decode: turn };
}

const newPath = (): string => join(temporaryFolder(), 'runs.db');

function storeIn(path: string, options: SqliteStoreOptions = {}): SqliteStore {
  const store = sqliteStore(path, options);
  onTestFinished(() => store.close());
  return store;
}

const words = 'the patient is allergic to penicillin ';

async function written(path: string, codec?: StoreCodec): Promise<readonly unknown[]> {
  const store = storeIn(path, codec === undefined ? {} : { codec });
  for (const runId of ['run-1', 'run-2']) {
    const lease = await store.create(runEntry(runId));
    await store.append(lease, [
      eventEntry('1.0#1', { name: 'short', data: words }),
      eventEntry('1.0#1', { name: 'long', data: words.repeat(500) }),
    ]);
    await store.requestCancel(runId, `because ${words}`);
    await store.release(lease);
  }
  return collected(store.read('run-1'));
}

function rowsOf(path: string, sql: string): readonly Record<string, unknown>[] {
  const file = new Database(path, { readonly: true });
  const rows = file.prepare(sql).all() as readonly Record<string, unknown>[];
  file.close();
  return rows;
}

describe('a store with a codec', () => {
  const folder = sharedFolder();
  let count = 0;
  it.each([...storeLaws, ...storePruningLaws])('keeps the law: $name', async ({ check }) => {
    const stores: SqliteStore[] = [];
    const newPlace = (now: () => number) => {
      count += 1;
      const path = join(folder, `${count}.db`);
      return {
        connect() {
          const store = sqliteStore(path, { codec: aes('k'), now });
          stores.push(store);
          return store;
        },
      };
    };
    await check(newPlace, { numRuns: 20 });
    for (const store of stores) store.close();
  });

  it('has nothing of a value in its file, whose runs can be listed all the same', async () => {
    const path = newPath();
    await written(path, aes('k'));
    for (const end of ['', '-wal']) {
      const bytes = readFileSync(path + end);
      for (const text of ['penicillin', 'because', 'short', '"kind"']) expect(bytes.includes(text)).toBe(false);
    }
    expect(rowsOf(path, 'SELECT id, graph, status FROM run')).toEqual([
      { id: 'run-1', graph: 'desk', status: 'interrupted' },
      { id: 'run-2', graph: 'desk', status: 'interrupted' },
    ]);
    // The same without a codec, so that it is known what is looked for.
    const plain = newPath();
    await written(plain);
    expect(readFileSync(`${plain}-wal`).includes('penicillin')).toBe(true);
  });

  it('names parts by no digest of theirs, and by another name in each run', async () => {
    const [plain, secret, second] = [newPath(), newPath(), newPath()];
    await written(plain);
    await written(secret, aes('k'));
    await written(second, aes('k'));
    const names = (path: string): readonly unknown[] =>
      rowsOf(path, 'SELECT digest FROM part ORDER BY digest').map(({ digest }) => digest);
    const parts = names(plain).length;
    expect(parts).toBeGreaterThan(1);
    expect(new Set(names(plain)).size).toBeLessThan(parts);
    const all = [...new Set(names(plain)), ...names(secret), ...names(second)];
    expect(new Set(all).size).toBe(new Set(names(plain)).size + 2 * parts);
  });

  it('writes a part once a run', async () => {
    const path = newPath();
    const store = storeIn(path, { codec: aes('k') });
    const lease = await store.create(runEntry('run-1'));
    const one = eventEntry('1.0#1', { data: words.repeat(500) });
    await store.append(lease, [one]);
    const before = rowsOf(path, 'SELECT count(*) AS count FROM part');
    await store.append(lease, [one, one]);
    await storeIn(path, { codec: aes('k') }).append(lease, [one]);
    expect(rowsOf(path, 'SELECT count(*) AS count FROM part')).toEqual(before);
  });

  it('is read by another process that has the key, also in mode read', async () => {
    const path = newPath();
    const entries = await written(path, aes('k'));
    for (const mode of ['write', 'read'] as const)
      expect(await collected(storeIn(path, { codec: aes('k'), mode }).read('run-1'))).toEqual(entries);
  });
});

describe('a store of another codec', () => {
  it.each([
    ['none, where it has one', aes('k'), undefined, /was created with codec "aes-gcm", but opened without one/],
    ['one, where it has none', undefined, aes('k'), /was created without a codec, but opened with codec "aes-gcm"/],
    ['another one', aes('k'), aes('k', 'aes-2'), /was created with codec "aes-gcm", but opened with codec "aes-2"/],
  ])('is refused, and left as it was: %s', async (_what, first, second, message) => {
    const path = newPath();
    await written(path, first);
    sqliteStore(path, first === undefined ? {} : { codec: first }).close();
    const before = rowsOf(path, 'SELECT * FROM run');
    for (const mode of ['write', 'read'] as const) {
      const store = storeIn(path, { mode, ...(second === undefined ? {} : { codec: second }) });
      expect(() => store.list({})).toThrow(message);
      expect(await codeOf(() => store.create(runEntry('run-3')))).toBe('store-other-codec');
      expect(await codeOf(() => collected(store.read('run-1')))).toBe('store-other-codec');
    }
    expect(rowsOf(path, 'SELECT * FROM run')).toEqual(before);
  });

  it('is unreadable with another key, whether the codec notices or not', async () => {
    for (const [right, wrong] of [
      [aes('k'), aes('other')],
      [xor(7), xor(9)],
    ] as const) {
      const path = newPath();
      await written(path, right);
      for (const mode of ['write', 'read'] as const) {
        const store = storeIn(path, { codec: wrong, mode });
        expect(await codeOf(() => store.list({}))).toBe('store-unreadable');
        expect(await codeOf(() => store.take('run-1'))).toBe(mode === 'read' ? 'store-unreadable' : 'store-unreadable');
      }
      expect(await collected(storeIn(path, { codec: right }).read('run-1'))).toHaveLength(3);
    }
  });

  it.each([
    ['an entry', 'UPDATE entry SET json = substr(json, 1, 20) WHERE sequence = 1'],
    ['an entry that is not encoded', "UPDATE entry SET json = '{}' WHERE sequence = 1"],
    ['a part', "UPDATE part SET json = x'00'"],
    ['a part that is gone', 'DELETE FROM part'],
    ['the secret', "UPDATE setting SET value = x'00' WHERE name = 'secret'"],
    ['the secret, which is gone', "DELETE FROM setting WHERE name = 'secret'"],
  ])('is refused where it is damaged: %s', async (_what, sql) => {
    const path = newPath();
    await written(path, aes('k'));
    const file = new Database(path);
    file.exec(sql);
    file.close();
    const store = storeIn(path, { codec: aes('k') });
    expect(await codeOf(() => collected(store.read('run-1')))).toBe('store-unreadable');
  });

  it('says that a request to cancel is damaged, and can be asked for again', async () => {
    const path = newPath();
    await written(path, aes('k'));
    const store = storeIn(path, { codec: aes('k') });
    const file = new Database(path);
    file.exec("UPDATE run SET cancel = x'00'");
    file.close();
    const lease = await store.take('run-1');
    expect(await codeOf(() => store.append(lease, [endEntry()]))).toBe('store-unreadable');
    await store.requestCancel('run-1', 'again');
    expect(await store.append(lease, [])).toEqual({ runId: 'run-1', reason: 'again' });
  });
});

describe('a codec', () => {
  it('is refused if it is invalid', () => {
    const { encode, decode } = aes('k');
    for (const codec of [null, {}, { name: '', encode, decode }, { name: 'x', encode }, { name: 7, encode, decode }])
      expect(() => sqliteStore('runs.db', { codec: codec as StoreCodec })).toThrow(
        expect.objectContaining({ code: 'option-invalid' }),
      );
  });

  it('is refused if it gives no bytes, or other ones than it was given, before a file is a store', async () => {
    const same = (bytes: Uint8Array): Uint8Array => bytes;
    const broken: readonly StoreCodec[] = [
      { name: 'x', encode: (async (bytes: Uint8Array) => bytes) as never, decode: same },
      { name: 'x', encode: same, decode: (bytes) => bytes.subarray(1) },
    ];
    for (const codec of broken) {
      const path = newPath();
      expect(await codeOf(() => storeIn(path, { codec }).create(runEntry('run-1')))).toBe('option-invalid');
      await storeIn(path).create(runEntry('run-1'));
    }
  });
});
