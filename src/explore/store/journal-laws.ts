// Laws of journals: everything written is read back, in order, and nothing a caller does changes it.
import assert from 'node:assert/strict';
import { canonicalTextOf } from '../../base/canonical-json.ts';
import type { Entry } from '../../journal/entry.ts';
import type { RunSummary } from '../../port/store.ts';
import { assertJournal, assertRefused, assertSame, tamperWith } from './law-assert.ts';
import { collected, effectEntry, endEntry, endOf, eventEntry, eventsUpTo, graphOf } from './law-entries.ts';
import { runEntry, stored } from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw } from './store-law.ts';

export const journalLaws: readonly StoreLaw[] = [
  law('a run is created once: a second create is refused, and the first run is unchanged', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    await assertRefused(() => store.create(runEntry('run-1', graphOf('other'), 9), eventsUpTo(1)), 'run-exists');
    await assertRefused(() => place.connect().create(runEntry('run-1')), 'run-exists');
    await store.append(lease, [eventEntry('1.0#1')]);
    await assertJournal(store, 'run-1', [runEntry('run-1'), eventEntry('1.0#1')]);
  }),
  law('a run begins with its first entries, in front of all others', async (place) => {
    const store = place.connect();
    const first = eventsUpTo(3);
    const lease = await store.create(runEntry('run-1'), first);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...first]);
    assert.equal((await store.find('run-1'))?.entryCount, 4);
    await store.append(lease, eventsUpTo(2, 3));
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(5)]);
  }),
  law('a missing run is unknown to every operation', async (place) => {
    const store = place.connect();
    const nobody = { runId: 'nobody', token: 1 };
    assert.equal(await store.find('nobody'), undefined);
    assert.deepEqual(await store.list({}), []);
    await assertRefused(() => store.take('nobody'), 'run-unknown');
    await assertRefused(() => store.append(nobody, [endEntry()]), 'run-unknown');
    await assertRefused(() => store.release(nobody), 'run-unknown');
    await assertRefused(() => store.requestCancel('nobody', 'enough'), 'run-unknown');
    await assertRefused(() => store.label('nobody', { step: 0, label: 'start' }), 'run-unknown');
    await assertRefused(() => store.labels('nobody'), 'run-unknown');
    await assertRefused(() => collected(store.read('nobody')), 'run-unknown');
    await assertRefused(() => collected(store.read('nobody', 7, 1)), 'run-unknown');
  }),
  law('a journal is read from any place on, and never past the limit', async (place) => {
    const store = place.connect();
    const all: readonly Entry[] = [runEntry('run-1'), ...eventsUpTo(1_200), endEntry()];
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, all.slice(1));
    for (const from of [0, 1, 2, 499, 500, 501, 1_200, 1_201, 1_202, 5_000]) {
      assertSame(await collected(store.read('run-1', from)), all.slice(from));
      for (const limit of [0, 1, 2, 500, 501, 1_000, 5_000])
        assertSame(await collected(store.read('run-1', from, limit)), all.slice(from, from + limit));
    }
  }),
  law('what a caller changes later does not reach the store', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    const batch: Entry[] = [eventEntry('1.0#1')];
    await store.append(lease, batch);
    batch.push(eventEntry('1.0#1', { ordinal: 1 }));
    batch[0] = eventEntry('9.0#1');
    const listed = (await store.list({})) as RunSummary[];
    tamperWith(listed);
    listed.pop();
    tamperWith(await store.find('run-1'));
    await assertJournal(store, 'run-1', [runEntry('run-1'), eventEntry('1.0#1')]);
    assert.equal((await store.list({}))[0]?.status, 'running');
  }),
  law('what a reader changes in its results does not reach the store', async (place) => {
    const store = place.connect();
    const data = stored({ list: [1, { deep: ['x'] }], map: new Map([[1, { a: 1 }]]), at: new Date(5) });
    const written = [eventEntry('1.0#1', { data }), effectEntry('1.0#1', { request: data })];
    const lease = await store.create(runEntry('run-1'), [eventEntry('1.0#1', { data })]);
    await store.append(lease, written);
    const all = [runEntry('run-1'), eventEntry('1.0#1', { data }), ...written].map(textOf);
    for (const reader of [store, place.connect(), store]) {
      const read = await collected(reader.read('run-1'));
      assert.deepEqual(read.map(textOf), all);
      tamperWith(read);
    }
  }),
  law('large and deep values are read back unchanged', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    let deep: unknown = 'x'.repeat(5_000);
    for (let depth = 0; depth < 900; depth += 1) deep = depth % 2 === 0 ? [deep] : { deep };
    const data = [
      'naïve 😀 \u0000 \ud800 "$part": {"$part":"0"}'.repeat(50_000),
      'no line in it: '.repeat(400_000),
      Array.from({ length: 50_000 }, (_unused, index) => ({ index, text: String(index) })),
      new Uint8Array(3_000_000).map((_unused, index) => index),
      new Map(Array.from({ length: 5_000 }, (_unused, index) => [index, new Set([index])])),
      deep,
      { $part: 'ffffffffffffffffffffffffffffffff', long: 'y'.repeat(9_000) },
    ];
    const written = data.map((value, ordinal) => eventEntry('1.0#1', { ordinal, data: stored(value) }));
    await store.append(lease, written);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...written]);
  }),
  law('one append takes ten thousand entries', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, eventsUpTo(10_000));
    assert.equal((await store.find('run-1'))?.entryCount, 10_001);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(10_000)]);
  }),
  law('an append that is repeated with its place is written once, its end included', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'), eventsUpTo(1));
    const later = eventsUpTo(3, 1);
    for (let time = 0; time < 2; time += 1) await store.append(lease, later, undefined, 2);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(4)]);
    // More has gathered behind what was in doubt.
    await store.append(lease, [...later, ...eventsUpTo(2, 4)], undefined, 2);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(6)]);
    const end = [...eventsUpTo(1, 6), endOf('failed')];
    for (let time = 0; time < 2; time += 1) await store.append(lease, end, undefined, 7);
    const all = [runEntry('run-1'), ...eventsUpTo(7), endOf('failed')];
    await assertJournal(place.connect(), 'run-1', all);
    assert.equal((await store.find('run-1'))?.status, 'failed');
    const next = await place.connect().take('run-1');
    await assertRefused(() => store.append(lease, end, undefined, 7), 'lease-lost');
    await store.append(next, eventsUpTo(1, 7), undefined, 9);
    await assertJournal(place.connect(), 'run-1', [...all, ...eventsUpTo(1, 7)]);
  }),
  law('a store that holds less than its owner knows of is refused, and gets no gap', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'), eventsUpTo(1));
    await assertRefused(() => store.append(lease, eventsUpTo(1, 2), undefined, 3), 'store-went-back');
    await assertRefused(() => store.append(lease, [], undefined, 3), 'store-went-back');
    await store.append(lease, eventsUpTo(1, 1), undefined, 2);
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(2)]);
  }),
  law('special names such as __proto__ are names like any other', async (place) => {
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
      await assertJournal(place.connect(), name, [runEntry(name, graphOf(name)), eventEntry('1.0#1', { name, data })]);
    }
    assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined);
  }),
  law('repeated values are read as often as they were written', async (place) => {
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
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...written]);
    const other = await store.create(runEntry('run-2'));
    await store.append(other, written);
    await assertJournal(place.connect(), 'run-2', [runEntry('run-2'), ...written]);
  }),
  law('a read during writes yields a prefix of the journal, without a gap', async (place) => {
    const [writer, reader] = [place.connect(), place.connect()];
    const lease = await writer.create(runEntry('run-1'));
    await writer.append(lease, eventsUpTo(1_200));
    const read: Entry[] = [];
    for await (const entry of reader.read('run-1')) {
      read.push(entry);
      if (read.length === 100)
        for (let from = 1_200; from < 1_500; from += 1) await writer.append(lease, eventsUpTo(1, from));
    }
    assert.ok(read.length >= 1_201 && read.length <= 1_501, `${read.length} entries`);
    assertSame(read, [runEntry('run-1'), ...eventsUpTo(read.length - 1)]);
  }),
  law('a reader that stops early leaves the store usable', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    await store.append(lease, eventsUpTo(2));
    for await (const entry of store.read('run-1')) if (entry.kind === 'run') break;
    await store.append(lease, [endEntry()]);
    assert.equal((await collected(store.read('run-1'))).length, 4);
  }),
  law('concurrent writes over several connections are all kept, each in order', async (place) => {
    const stores = [0, 1, 2, 3].map(() => place.connect());
    await Promise.all(
      stores.map(async (store, index) => {
        const lease = await store.create(runEntry(`run-${index}`));
        for (let from = 0; from < 60; from += 3) await store.append(lease, eventsUpTo(3, from));
        await store.append(lease, [endOf('done')]);
      }),
    );
    const reader = place.connect();
    for (const index of stores.keys())
      await assertJournal(reader, `run-${index}`, [runEntry(`run-${index}`), ...eventsUpTo(60), endOf('done')]);
  }),
  law('of concurrent creates of one run, exactly one succeeds', async (place) => {
    const stores = [0, 1, 2, 3].map(() => place.connect());
    const results = await Promise.allSettled(
      stores.map(async (store, index) => store.create(runEntry('run-1'), eventsUpTo(1, index))),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    for (const result of results)
      if (result.status === 'rejected') await assertRefused(() => Promise.reject(result.reason), 'run-exists');
    await assertJournal(place.connect(), 'run-1', [runEntry('run-1'), ...eventsUpTo(1, winner)]);
  }),
];

function textOf(entry: Entry): string {
  return canonicalTextOf(stored(entry));
}
