// Laws of what a store says about its runs without reading their journals: summaries, lists, labels.
import assert from 'node:assert/strict';
import type { Entry } from '../../journal/entry.ts';
import type { RunStatus, RunStore, RunSummary } from '../../port/store.ts';
import { assertRefused, idsOf, tamperWith } from './law-assert.ts';
import {
  commitEntry,
  effectEntry,
  endEntry,
  endOf,
  eventEntry,
  graphOf,
  noteEntry,
  runEntry,
  runEntryOf,
} from './law-entries.ts';
import { law } from './store-law.ts';
import type { StoreLaw } from './store-law.ts';

export const listingLaws: readonly StoreLaw[] = [
  law('a summary agrees with the journal', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1', graphOf('desk'), 1_000));
    const expected = { runId: 'run-1', graph: 'desk', createdAt: 1_000 };
    const steps: readonly (readonly [readonly Entry[], Partial<RunSummary>])[] = [
      [[], { step: 0, entryCount: 1, updatedAt: 1_000, status: 'running' }],
      [[commitEntry('0', { observed: { time: 1_100 } })], { step: 0, entryCount: 2, updatedAt: 1_100 }],
      [[effectEntry('1.0#1', { observed: { began: 1_200, ended: 1_300 } })], { step: 0, updatedAt: 1_300 }],
      [[commitEntry('1.0#1/4'), commitEntry('1'), commitEntry('2')], { step: 2, entryCount: 6, updatedAt: 2_000 }],
      [[eventEntry('3.0#1/9.1#2', { observed: { time: 2_500 } })], { step: 2, entryCount: 7, updatedAt: 2_500 }],
      // What comes late, and is about a step that was committed before.
      [[eventEntry('1.0#1', { observed: { time: 2_600 } })], { step: 2, entryCount: 8, updatedAt: 2_600 }],
      [[commitEntry('3'), noteEntry('1.0#1')], { step: 3, entryCount: 10, updatedAt: 1_170 }],
      [[commitEntry('10'), endEntry({ step: 10 })], { step: 10, entryCount: 12, updatedAt: 3_000, status: 'done' }],
    ];
    for (const [added, changes] of steps) {
      if (added.length > 0) await store.append(lease, added);
      const summary = await place.connect().find('run-1');
      assert.deepEqual({ ...summary }, { ...summary, ...expected, ...changes });
    }
  }),
  law('a list holds the runs that the query asks for, newest first', async (place) => {
    const store = place.connect();
    const statuses: readonly RunStatus[] = ['done', 'failed', 'cancelled', 'interrupted', 'paused', 'queued'];
    for (const [index, status] of statuses.entries()) {
      const run = runEntry(`run-${index}`, graphOf(index % 2 === 0 ? 'even' : 'odd'), 9 - index);
      const lease = await store.create(run, [], status === 'queued' ? { status, wakeAt: 9 } : undefined);
      if (status === 'interrupted' || status === 'paused') await store.release(lease, { status });
      else if (status !== 'queued' && status !== 'running') await store.append(lease, [endOf(status)]);
    }
    const ids = async (query: Parameters<RunStore['list']>[0]): Promise<readonly string[]> =>
      idsOf(await place.connect().list(query));
    assert.deepEqual(await ids({}), ['run-5', 'run-4', 'run-3', 'run-2', 'run-1', 'run-0']);
    assert.deepEqual(await ids({ limit: 2 }), ['run-5', 'run-4']);
    assert.deepEqual(await ids({ limit: 0 }), []);
    assert.deepEqual(await ids({ graph: 'odd' }), ['run-5', 'run-3', 'run-1']);
    assert.deepEqual(await ids({ graph: 'even', limit: 1 }), ['run-4']);
    for (const [index, status] of statuses.entries()) assert.deepEqual(await ids({ status }), [`run-${index}`]);
    assert.deepEqual(await ids({ status: 'done', graph: 'odd' }), []);
    await assertRefused(() => store.list({ limit: -1 }), 'option-invalid');
    await assertRefused(() => store.list({ limit: Number.NaN }), 'option-invalid');
  }),
  law('a summary says for whom its run is, and a list holds the runs of a tenant', async (place) => {
    const store = place.connect();
    for (let index = 0; index < 6; index += 1) {
      const tenant = ['acme', undefined, 'globex'][index % 3];
      const name = `run-${index}`;
      const run =
        tenant === undefined ? runEntry(name) : runEntryOf(tenant, name, graphOf(index < 3 ? 'desk' : 'other'));
      const lease = await store.create(run);
      if (index < 3) await store.append(lease, [endEntry()]);
    }
    const listed = await place.connect().list({});
    assert.deepEqual(
      listed.map(({ tenant }) => tenant),
      ['globex', undefined, 'acme', 'globex', undefined, 'acme'],
    );
    assert.equal((await store.find('run-0'))?.tenant, 'acme');
    assert.ok(!Object.hasOwn((await store.find('run-1')) as object, 'tenant'));
    const ids = async (query: Parameters<RunStore['list']>[0]): Promise<readonly string[]> =>
      idsOf(await place.connect().list(query));
    assert.deepEqual(await ids({ tenant: 'acme' }), ['run-3', 'run-0']);
    assert.deepEqual(await ids({ tenant: 'acme', limit: 1 }), ['run-3']);
    assert.deepEqual(await ids({ tenant: 'acme', after: 'run-3' }), ['run-0']);
    assert.deepEqual(await ids({ tenant: 'acme', status: 'done' }), ['run-0']);
    assert.deepEqual(await ids({ tenant: 'globex', graph: 'other' }), ['run-5']);
    assert.deepEqual(await ids({ tenant: 'nobody' }), []);
    await assertRefused(() => store.list({ tenant: '' }), 'option-invalid');
  }),
  law('the pages of a list hold each of its runs once, whatever is written between them', async (place) => {
    const store = place.connect();
    for (let index = 0; index < 20; index += 1) {
      const lease = await store.create(runEntry(`run-${index}`, graphOf(index % 2 === 0 ? 'even' : 'odd')));
      if (index % 4 < 2) await store.append(lease, [endEntry()]);
    }
    const pages = async (query: Parameters<RunStore['list']>[0]): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let after: string | undefined; ; after = found.at(-1)) {
        const page = await store.list({ ...query, limit: 3, ...(after === undefined ? {} : { after }) });
        if (page.length === 0) return found;
        found.push(...idsOf(page));
        await store.create(runEntry(`new-${found.length} ${String(query.graph)} ${String(query.status)}`));
      }
    };
    const down = (step: number, ...from: readonly number[]): readonly string[] =>
      from
        .flatMap((first) => Array.from({ length: 5 }, (_unused, page) => first - page * step))
        .map((index) => `run-${index}`);
    assert.deepEqual(await pages({ graph: 'even' }), down(2, 18, 8));
    assert.deepEqual(await pages({ graph: 'odd', status: 'done' }), down(4, 17));
    assert.deepEqual(await pages({ graph: 'odd', status: 'failed' }), []);
    assert.deepEqual((await pages({ status: 'done' })).length, 10);
    assert.deepEqual(
      (await pages({})).filter((id) => id.startsWith('run-')),
      down(1, 19, 14, 9, 4),
    );
    await assertRefused(() => store.list({ after: 'nobody' }), 'run-unknown');
  }),
  law('a list holds at most a hundred runs by default', async (place) => {
    const store = place.connect();
    for (let index = 0; index < 120; index += 1) await store.create(runEntry(`run-${index}`));
    assert.equal((await store.list({})).length, 100);
    assert.equal((await store.list({ limit: 1_000 })).length, 120);
  }),
  law('a label names one commit: using it again moves it, within its run only', async (place) => {
    const store = place.connect();
    const lease = await store.create(runEntry('run-1'));
    await store.create(runEntry('run-2'));
    assert.deepEqual(await store.labels('run-1'), []);
    for (const [label, step] of [
      ['b', 3],
      ['a', 3],
      ['moved', 1],
      ['__proto__', 0],
      ['moved', 7],
    ] as const)
      await store.label('run-1', { label, step });
    await store.append(lease, [endEntry()]);
    await place.connect().label('run-1', { label: 'after the end', step: 1 });
    const expected = [
      { step: 0, label: '__proto__' },
      { step: 1, label: 'after the end' },
      { step: 3, label: 'a' },
      { step: 3, label: 'b' },
      { step: 7, label: 'moved' },
    ];
    for (let time = 0; time < 2; time += 1) {
      const labels = await place.connect().labels('run-1');
      assert.deepEqual(labels, expected);
      tamperWith(labels);
    }
    assert.deepEqual(await store.labels('run-2'), []);
    assert.equal((await store.find('run-1'))?.entryCount, 2);
  }),
];
