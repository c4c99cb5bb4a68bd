// The laws of stores. Every implementation of `RunStore` runs all of them; they know nothing of how it keeps its runs.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalTextOf } from '../../src/base/canonical-json.ts';
import { sameValue } from '../../src/base/equal.ts';
import { RepriseError } from '../../src/base/error.ts';
import { canonicalValue } from '../../src/base/value.ts';
import type { Value } from '../../src/base/value.ts';
import type { Entry } from '../../src/journal/entry.ts';
import type { RunStatus, RunStore, RunSummary } from '../../src/port/store.ts';
import { entries } from '../support/entries.ts';
import { collected, commitEntry, effectEntry, endEntry, eventEntry, graphOf, runEntry } from '../support/journals.ts';
import { checkModel } from './store-model.ts';

/** Where a store under test is made: empty, and gone when the law has been checked. */
export interface StorePlace {
  /** A connection to the runs of this place; each call gives another one, where the store has such a thing. */
  connect(): RunStore;
}

export interface StoreLaw {
  readonly name: string;
  /** @throws AssertionError where a store breaks the law */
  check(place: StorePlace): Promise<void>;
}

export interface LawSize {
  readonly numRuns: number;
}

/** How often a law with arbitrary cases is tried. `newPlace` is called for each of them. */
export async function checkArbitraryRuns(newPlace: () => StorePlace, { numRuns }: LawSize): Promise<void> {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(entries, { maxLength: 4 }), { maxLength: 6 }), async (batches) => {
      const place = newPlace();
      const store = place.connect();
      const run = runEntry(`run ${count++}`);
      const lease = await store.create(run);
      // An end gives the lease back, so the rest of what is arbitrary has none.
      const written = batches.map((batch) => batch.filter(({ kind }) => kind !== 'end'));
      for (const batch of written) await store.append(lease, batch);
      assertSame(await collected(place.connect().read(lease.runId)), [run, ...written.flat()]);
    }),
    { numRuns },
  );
}

/** Arbitrary operations on few runs, by several owners over two connections, against a model of a store. */
export async function checkArbitraryOperations(newPlace: () => StorePlace, { numRuns }: LawSize): Promise<void> {
  await checkModel(() => {
    const place = newPlace();
    return [place.connect(), place.connect()];
  }, numRuns);
}

export const storeLaws: readonly StoreLaw[] = [
  {
    name: 'a run is created once: a second one is refused, and the first is as it was',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1'));
      await assertRefused(() => store.create(runEntry('run-1', graphOf('other'), 9)), 'run-exists');
      await assertRefused(() => place.connect().create(runEntry('run-1')), 'run-exists');
      await store.append(lease, [eventEntry('1.0#1')]);
      assertSame(await collected(store.read('run-1')), [runEntry('run-1'), eventEntry('1.0#1')]);
    },
  },
  {
    name: 'who lost a run is refused, and has written nothing since',
    async check(place) {
      const [first, second] = [place.connect(), place.connect()];
      const lost = await first.create(runEntry('run-1'));
      const lease = await second.take('run-1');
      await assertRefused(() => first.append(lost, [eventEntry('1.0#1'), endEntry()]), 'lease-lost');
      await assertRefused(() => first.release(lost), 'lease-lost');
      await second.append(lease, [eventEntry('1.0#1', { ordinal: 7 })]);
      await assertRefused(() => first.append(lost, []), 'lease-lost');
      assertSame(await collected(first.read('run-1')), [runEntry('run-1'), eventEntry('1.0#1', { ordinal: 7 })]);
      assert.equal((await first.find('run-1'))?.status, 'running');
    },
  },
  {
    name: 'a run that ended or was given back has no owner until it is taken',
    async check(place) {
      const store = place.connect();
      for (const [runId, give] of [
        ['ended', (lease) => store.append(lease, [endEntry()])],
        ['released', (lease) => store.release(lease)],
      ] as readonly (readonly [string, (lease: { runId: string; token: number }) => unknown])[]) {
        const lease = await store.create(runEntry(runId));
        await give(lease);
        await assertRefused(() => store.append(lease, [eventEntry('1.0#1')]), 'lease-lost');
        await assertRefused(() => store.release(lease), 'lease-lost');
        if (runId === 'ended') {
          await assertRefused(() => store.take(runId), 'run-ended');
          continue;
        }
        const next = await store.take(runId);
        assert.ok(next.token > lease.token, 'a later lease has a higher token');
        await store.append(next, [eventEntry('1.0#1')]);
      }
    },
  },
  {
    name: 'leases of two runs have nothing to do with each other',
    async check(place) {
      const store = place.connect();
      const one = await store.create(runEntry('one'));
      const two = await store.create(runEntry('two'));
      await place.connect().take('one');
      await store.append(two, [eventEntry('1.0#1')]);
      await assertRefused(() => store.append({ ...two, runId: 'one' }, [eventEntry('1.0#1')]), 'lease-lost');
      await assertRefused(() => store.append({ ...one, runId: 'three' }, [eventEntry('1.0#1')]), 'run-unknown');
      assert.equal((await store.find('one'))?.entryCount, 1);
    },
  },
  {
    name: 'a run that is not there is unknown to all',
    async check(place) {
      const store = place.connect();
      assert.equal(await store.find('nobody'), undefined);
      assert.deepEqual(await store.list({}), []);
      await assertRefused(() => store.take('nobody'), 'run-unknown');
      await assertRefused(() => collected(store.read('nobody')), 'run-unknown');
    },
  },
  {
    name: 'a summary says what the journal says',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1', graphOf('desk'), 1_000));
      const expected = { runId: 'run-1', graph: 'desk', createdAt: 1_000 };
      const steps: readonly (readonly [readonly Entry[], Partial<RunSummary>])[] = [
        [[], { step: 0, entryCount: 1, updatedAt: 1_000, status: 'running' }],
        [[commitEntry('0', { observed: { time: 1_100 } })], { step: 0, entryCount: 2, updatedAt: 1_100 }],
        [[effectEntry('1.0#1', { observed: { began: 1_200, ended: 1_300 } })], { step: 0, updatedAt: 1_300 }],
        [[commitEntry('1.0#1/4'), commitEntry('1'), commitEntry('2')], { step: 2, entryCount: 6, updatedAt: 2_000 }],
        [[eventEntry('3.0#1/9.1#2', { observed: { time: 2_500 } })], { step: 2, entryCount: 7, updatedAt: 2_500 }],
        [[commitEntry('10'), endEntry({ step: 10 })], { step: 10, entryCount: 9, updatedAt: 3_000, status: 'done' }],
      ];
      for (const [added, changes] of steps) {
        if (added.length > 0) await store.append(lease, added);
        const summary = await place.connect().find('run-1');
        assert.deepEqual({ ...summary }, { ...summary, ...expected, ...changes });
      }
    },
  },
  {
    name: 'a list has the newest first, and those that are asked for',
    async check(place) {
      const store = place.connect();
      const statuses: readonly RunStatus[] = ['done', 'failed', 'cancelled', 'interrupted', 'running'];
      for (const [index, status] of statuses.entries()) {
        const lease = await store.create(
          runEntry(`run-${index}`, graphOf(index % 2 === 0 ? 'even' : 'odd'), 5 - index),
        );
        if (status === 'interrupted' || status === 'paused') await store.release(lease, { status });
        else if (status !== 'running') await store.append(lease, [endOf(status)]);
      }
      const ids = async (query: Parameters<RunStore['list']>[0]): Promise<readonly string[]> =>
        (await place.connect().list(query)).map(({ runId }) => runId);
      assert.deepEqual(await ids({}), ['run-4', 'run-3', 'run-2', 'run-1', 'run-0']);
      assert.deepEqual(await ids({ limit: 2 }), ['run-4', 'run-3']);
      assert.deepEqual(await ids({ limit: 0 }), []);
      assert.deepEqual(await ids({ graph: 'odd' }), ['run-3', 'run-1']);
      assert.deepEqual(await ids({ graph: 'even', limit: 1 }), ['run-4']);
      for (const [index, status] of statuses.entries()) assert.deepEqual(await ids({ status }), [`run-${index}`]);
      assert.deepEqual(await ids({ status: 'done', graph: 'odd' }), []);
      await assertRefused(() => store.list({ limit: -1 }), 'option-invalid');
      await assertRefused(() => store.list({ limit: Number.NaN }), 'option-invalid');
    },
  },
  {
    name: 'a list is of a hundred runs, unless it is asked for more',
    async check(place) {
      const store = place.connect();
      for (let index = 0; index < 120; index += 1) await store.create(runEntry(`run-${index}`));
      assert.equal((await store.list({})).length, 100);
      assert.equal((await store.list({ limit: 1_000 })).length, 120);
    },
  },
  {
    name: 'what a caller changes later changes nothing in the store',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1'));
      const batch = [eventEntry('1.0#1')];
      await store.append(lease, batch);
      batch.push(eventEntry('1.0#1', { ordinal: 1 }));
      batch[0] = eventEntry('9.0#1');
      const listed = (await store.list({})) as RunSummary[];
      listed.pop();
      const found = (await store.find('run-1')) as { status: string };
      found.status = 'lost';
      assertSame(await collected(store.read('run-1')), [runEntry('run-1'), eventEntry('1.0#1')]);
      assert.equal((await store.list({}))[0]?.status, 'running');
    },
  },
  {
    name: 'large and deep values come back as they went in',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1'));
      let deep: unknown = 'x'.repeat(5_000);
      for (let depth = 0; depth < 900; depth += 1) deep = depth % 2 === 0 ? [deep] : { deep };
      const data = [
        'naïve 😀 \u0000 \ud800 "$part": {"$part":"0"}'.repeat(50_000),
        Array.from({ length: 50_000 }, (_unused, index) => ({ index, text: String(index) })),
        new Uint8Array(3_000_000).map((_unused, index) => index),
        new Map(Array.from({ length: 5_000 }, (_unused, index) => [index, new Set([index])])),
        deep,
        { $part: 'ffffffffffffffffffffffffffffffff', long: 'y'.repeat(9_000) },
      ];
      const written = data.map((value, ordinal) => eventEntry('1.0#1', { ordinal, data: stored(value) }));
      await store.append(lease, written);
      assertSame(await collected(place.connect().read('run-1')), [runEntry('run-1'), ...written]);
    },
  },
  {
    name: 'names of the language are names like any other',
    async check(place) {
      const store = place.connect();
      const names = ['__proto__', 'constructor', 'toString', '', ' ', "'; DROP TABLE run; --", 'a\u0000b', 'ü/😀', '%'];
      const data = stored(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"$part":"x"}'));
      for (const name of names) {
        const lease = await store.create(runEntry(name, graphOf(name)));
        await store.append(lease, [eventEntry('1.0#1', { name, data })]);
      }
      for (const name of names) {
        assert.equal((await store.find(name))?.runId, name);
        assert.deepEqual(
          (await store.list({ graph: name })).map(({ runId }) => runId),
          [name],
        );
        const [run, event] = await collected(place.connect().read(name));
        assertSame([run, event] as readonly Entry[], [
          runEntry(name, graphOf(name)),
          eventEntry('1.0#1', { name, data }),
        ]);
      }
      assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined);
    },
  },
  {
    name: 'what repeats in a run is read as often as it was written',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1'));
      const messages = Array.from({ length: 60 }, (_unused, index) => ({
        role: 'user',
        content: `${index} `.repeat(200),
      }));
      const written: Entry[] = [];
      for (let count = 1; count <= messages.length; count += 1) {
        const request = stored({ model: 'm', messages: messages.slice(0, count) });
        written.push(effectEntry('1.0#1', { occurrence: count, request, outcome: { kind: 'value', value: request } }));
      }
      for (const entry of written) await store.append(lease, [entry]);
      assertSame(await collected(place.connect().read('run-1')), [runEntry('run-1'), ...written]);
      const other = await store.create(runEntry('run-2'));
      await store.append(other, written);
      assertSame(await collected(place.connect().read('run-2')), [runEntry('run-2'), ...written]);
    },
  },
  {
    name: 'who reads while another writes gets the beginning of the journal, without a gap',
    async check(place) {
      const [writer, reader] = [place.connect(), place.connect()];
      const lease = await writer.create(runEntry('run-1'));
      const write = async (from: number, count: number): Promise<void> => {
        for (let ordinal = from; ordinal < from + count; ordinal += 1)
          await writer.append(lease, [eventEntry('1.0#1', { ordinal })]);
      };
      await write(0, 1_200);
      const read: Entry[] = [];
      for await (const entry of reader.read('run-1')) {
        read.push(entry);
        if (read.length === 100) await write(1_200, 300);
      }
      assert.ok(read.length >= 1_201 && read.length <= 1_501, `${read.length} entries`);
      const expected = read.slice(1).map((_entry, ordinal) => eventEntry('1.0#1', { ordinal }));
      assertSame(read, [runEntry('run-1'), ...expected]);
    },
  },
  {
    name: 'a reader that stops early leaves the store usable',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1'));
      await store.append(lease, [eventEntry('1.0#1'), eventEntry('1.0#1', { ordinal: 1 })]);
      for await (const entry of store.read('run-1')) if (entry.kind === 'run') break;
      await store.append(lease, [endEntry()]);
      assert.equal((await collected(store.read('run-1'))).length, 4);
    },
  },
  {
    name: 'a closed store refuses to write, and may be closed again',
    async check(place) {
      const store = place.connect();
      const lease = await store.create(runEntry('run-1'));
      await store.close();
      await store.close();
      await assertRefused(() => store.append(lease, [endEntry()]), 'store-closed');
      await assertRefused(() => store.create(runEntry('run-2')), 'store-closed');
      await assertRefused(() => store.take('run-1'), 'store-closed');
      await assertRefused(() => store.release(lease), 'store-closed');
    },
  },
];

function assertSame(read: readonly Entry[], written: readonly Entry[]): void {
  assert.equal(read.length, written.length);
  for (const [index, entry] of read.entries()) {
    const expected = stored(written[index]);
    if (sameValue(entry as unknown as Value, expected)) continue;
    // Not `deepEqual`: entries may be as large as memory allows, and its message is larger.
    assert.fail(`entry ${index} is ${shortText(stored(entry))}, and ${shortText(expected)} was written`);
  }
}

function shortText(value: Value): string {
  const text = canonicalTextOf(value);
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

async function assertRefused(call: () => unknown, code: string): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    assert.ok(thrown instanceof RepriseError, String(thrown));
    assert.equal(thrown.code, code);
    assert.notEqual(thrown.nextStep, '');
    return;
  }
  assert.fail(`nothing was refused, where ${code} was expected`);
}

function endOf(status: 'done' | 'failed' | 'cancelled'): Entry {
  if (status === 'failed') return endEntry({ end: { status, error: stored(new Error('no')) } });
  return endEntry({ end: status === 'cancelled' ? { status, reason: 'enough' } : { status } });
}

function stored(value: unknown): Value {
  return canonicalValue(value, 'value', { maxBytes: Number.POSITIVE_INFINITY });
}
