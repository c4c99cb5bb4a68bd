// Laws of part stores: what was put is there, byte for byte and for everybody, until it is deleted.
import assert from 'node:assert/strict';
import type { PartStore } from '../../../port/part-store.ts';

/** What a part store has to keep. */
export interface PartStoreLaw {
  readonly name: string;
  /** `connect`: another connection to the same place each time, which may hold anything. Rejects if the law is broken. */
  readonly check: (connect: () => PartStore) => Promise<void>;
}

let count = 0;
/** A key that no other law of this process has. */
function newKey(): string {
  count += 1;
  return `law-${process.pid}/${count}/1`;
}

/** Each value that a byte may have. */
const everyByte = Uint8Array.from({ length: 70_000 }, (_unused, index) => (index * 7 + (index >> 8)) % 256);
const other = Uint8Array.of(0, 1, 255);

async function assertHolds(store: PartStore, key: string, wanted: Uint8Array): Promise<void> {
  const found = await store.get(key);
  assert.ok(found instanceof Uint8Array, `nothing is under ${key}`);
  assert.ok(Buffer.compare(found, wanted) === 0, `${found.length} other bytes are under ${key}`);
}

/**
 * What a `PartStore` of your own has to keep, for `it.each(partStoreLaws)`. `connect` gives a new client of one and the same
 * place each time.
 *
 * ```ts
 * import { mkdtempSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { partStoreLaws } from 'reprise/explore';
 * import { folderParts } from 'reprise/postgres';
 *
 * const folder = mkdtempSync(join(tmpdir(), 'parts-'));
 * for (const { check } of partStoreLaws) await check(() => folderParts(folder));
 * console.log('kept'); // kept
 * ```
 */
export const partStoreLaws: readonly PartStoreLaw[] = [
  {
    name: 'what was put is there for others, byte for byte',
    async check(connect) {
      for (const bytes of [everyByte, other, new Uint8Array()]) {
        const key = newKey();
        await connect().put(key, bytes);
        await assertHolds(connect(), key, bytes);
      }
    },
  },
  {
    name: 'under a key that nothing was put under is nothing',
    async check(connect) {
      assert.equal(await connect().get(newKey()), undefined);
    },
  },
  {
    name: 'what is put again is there once',
    async check(connect) {
      const key = newKey();
      await connect().put(key, everyByte);
      await connect().put(key, everyByte);
      await assertHolds(connect(), key, everyByte);
      await connect().delete(key);
      assert.equal(await connect().get(key), undefined);
    },
  },
  {
    name: 'what was deleted is gone, and nothing else',
    async check(connect) {
      const [key, sibling] = [newKey(), newKey()];
      // Keys that begin alike, and one of the same run.
      const alike = [`${key}0`, `${key}-1`];
      const store = connect();
      for (const each of [key, sibling, ...alike]) await store.put(each, everyByte);
      await store.delete(key);
      assert.equal(await connect().get(key), undefined);
      for (const each of [sibling, ...alike]) await assertHolds(connect(), each, everyByte);
    },
  },
  {
    name: 'to delete what is not there, or no longer, does nothing',
    async check(connect) {
      const key = newKey();
      await connect().delete(key);
      await connect().put(key, other);
      await connect().delete(key);
      await connect().delete(key);
      assert.equal(await connect().get(key), undefined);
    },
  },
  {
    name: 'bytes are kept as they were when they were given',
    async check(connect) {
      const key = newKey();
      const bytes = Uint8Array.from(everyByte);
      const store = connect();
      await store.put(key, bytes);
      bytes.fill(0);
      await assertHolds(store, key, everyByte);
    },
  },
  {
    name: 'many are put, read and deleted at the same time',
    async check(connect) {
      const store = connect();
      const all = Array.from({ length: 20 }, (_unused, index) => [newKey(), Uint8Array.of(index)] as const);
      await Promise.all(all.map(([key, bytes]) => store.put(key, bytes)));
      await Promise.all(all.map(([key, bytes]) => assertHolds(connect(), key, bytes)));
      await Promise.all(all.map(([key]) => store.delete(key)));
      for (const [key] of all) assert.equal(await store.get(key), undefined);
    },
  },
];
