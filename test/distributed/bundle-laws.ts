// What a store keeps of large values in a part store, on a server that went back: nothing that is put comes to lie over anything
// that others have put, and nothing stays that nobody names.
import assert from 'node:assert/strict';
import { assertJournal } from '../../src/explore/store/law-assert.ts';
import { endOf, eventEntry, runEntry, stored } from '../../src/explore/store/law-entries.ts';
import type { PartStore } from '../../src/port/part-store.ts';
import { lossyPool } from './pools.ts';
import { claimOf, codeOf } from './server-laws.ts';
import type { ServerLaw, ServerPlace } from './server-laws.ts';

/** Of the same length, whatever is written in it. */
const largeOf = (letter: string) =>
  eventEntry('1.0#1', {
    data: stored(Array.from({ length: 700 }, (_unused, index) => `${index} ${letter.repeat(800)}`)),
  });

function partsIn(objects: Map<string, Uint8Array>): PartStore {
  return {
    put: async (key, bytes) => void objects.set(key, Uint8Array.from(bytes)),
    get: async (key) => objects.get(key),
    delete: async (key) => void objects.delete(key),
  };
}

/** As a server that has nothing of its bundles yet: it counts again from where it was. */
async function forgetBundles({ pool, schema }: ServerPlace): Promise<void> {
  await pool.query(`TRUNCATE ${schema}.bundle RESTART IDENTITY`);
}

export const bundleLaws: readonly ServerLaw[] = [
  {
    name: 'what is put late overwrites nothing that was put since, though the server went back',
    async check(place) {
      const objects = new Map<string, Uint8Array>();
      const parts = partsIn(objects);
      let arrive: () => void = () => undefined;
      const arrival = new Promise<void>((resolve) => {
        arrive = resolve;
      });
      let begin: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
      });
      const slow: PartStore = {
        ...parts,
        put: async (key, bytes) => {
          begin();
          await arrival;
          await parts.put(key, bytes);
        },
      };
      const late = place.open(place.pool, { parts: slow });
      const lease = await late.create(runEntry('run-1'), [], { owner: 'one', leaseMs: 1 });
      const appended = codeOf(Promise.resolve(late.append(lease, [largeOf('x')], undefined, 1)));
      await begun;
      await forgetBundles(place);
      const store = place.open(place.pool, { parts });
      const next = await store.take('run-1', { ...claimOf('two'), isGone: () => true });
      await store.append(next, [largeOf('y')], undefined, 1);
      arrive();
      assert.equal(await appended, 'lease-lost');
      await assertJournal(store, 'run-1', [runEntry('run-1'), largeOf('y')]);
    },
  },
  {
    name: 'what a run names goes with it, though the server forgot of it while it was put',
    async check(place) {
      const objects = new Map<string, Uint8Array>();
      const parts = partsIn(objects);
      const forgetting: PartStore = {
        ...parts,
        put: async (key, bytes) => {
          await parts.put(key, bytes);
          await forgetBundles(place);
        },
      };
      const store = place.open(place.pool, { parts: forgetting, partsGraceMs: 0 });
      const lease = await store.create(runEntry('run-1'));
      await store.append(lease, [largeOf('x'), endOf('done')], undefined, 1);
      assert.notEqual(objects.size, 0);
      await store.delete('run-1');
      assert.deepEqual([...objects.keys()], []);
    },
  },
  {
    name: 'after an answer was lost at any statement, nothing of a large value stays that nobody names',
    async check(place) {
      for (let at = 0, count = 1; at < count; at += 1) {
        const objects = new Map<string, Uint8Array>();
        const lossy = lossyPool(place.pool, at);
        const store = place.open(lossy, { parts: partsIn(objects), partsGraceMs: 0 });
        const runId = `run-${at}`;
        const lease = await store.create(runEntry(runId));
        await store.append(lease, [largeOf('x'), endOf('done')], undefined, 1);
        await assertJournal(store, runId, [runEntry(runId), largeOf('x'), endOf('done')]);
        assert.equal(objects.size, 1);
        await store.delete(runId);
        assert.deepEqual([...objects.keys()], []);
        const { rows } = await place.pool.query(`SELECT run FROM ${place.schema}.bundle WHERE gone_at IS NULL`);
        assert.deepEqual(rows, []);
        ({ count } = lossy);
      }
    },
  },
];
