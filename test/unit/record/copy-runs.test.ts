// Runs that are copied from store to store: all of them arrive as they are, and what had not ended continues there.
import { join } from 'node:path';
import { createEngine, effectsInDoubtOf, fields, graph, input, last, memoryStore, sum } from 'reprise';
import type { RunStore } from 'reprise';
import { copyRuns } from 'reprise/record';
import { sqliteStore } from 'reprise/sqlite';
import { describe, expect, it } from 'vitest';
import { endOf, graphOf, runEntry } from '../../../src/explore/store/law-entries.ts';
import { changedStore, keptStore } from '../../support/changed-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';

const now = 1_000_000;
const state = fields({ answer: last(''), amount: last(0) });
const desk = graph('desk', { state })
  .node('ask', async (_state, { ask }) => ({ delta: { answer: String(await ask('ok?')) } }))
  .node('pay', async (_state, { receive }) => ({ delta: { amount: Number(await receive('paid')) } }))
  .edge('ask', 'pay')
  .start('ask')
  .build();

/** Runs in all states, some with messages that were taken and some with messages that were not. */
async function filled(store: RunStore): Promise<readonly string[]> {
  const engine = createEngine(desk, { store: keptStore(store) });
  await engine.run({}, { runId: 'asks' });
  await engine.send('asks', 'early', 1);
  await engine.run({}, { runId: 'waits' });
  await engine.resume('waits', { answer: 'yes' });
  await engine.label('waits', 1, 'answered');
  await engine.run({}, { runId: 'done' });
  await engine.send('done', 'paid', 44);
  await engine.resume('done', { answer: 'yes' });
  await engine.enqueue({}, { runId: 'queued', at: now * 9_000_000 });
  await engine.run({}, { runId: 'cancelled' });
  await engine.cancel('cancelled', 'enough');
  const lease = await store.take('asks');
  await store.release(lease, { status: 'paused', seen: 1, wakeAt: now * 2 });
  await engine.close();
  return ['asks', 'waits', 'done', 'queued', 'cancelled'];
}

async function sightOf(store: RunStore, runId: string): Promise<unknown> {
  const inbox = await store.inbox(runId);
  const labels = await store.labels(runId);
  return { summary: await store.find(runId), entries: await collected(store.read(runId)), inbox, labels };
}

describe('runs that are copied', () => {
  it('are the same in the other store, and back again', async () => {
    const first = memoryStore();
    const names = await filled(first);
    const file = sqliteStore(join(temporaryFolder(), 'runs.db'));
    expect(await copyRuns(first, file)).toEqual({ copied: 5, there: 0, driven: [] });
    const back = memoryStore();
    expect(await copyRuns(file, back)).toEqual({ copied: 5, there: 0, driven: [] });
    for (const store of [file, back])
      for (const runId of names)
        expect([runId, await sightOf(store, runId)]).toEqual([runId, await sightOf(first, runId)]);
    expect(await copyRuns(file, back)).toEqual({ copied: 0, there: 5, driven: [] });
    await file.close();
  });

  it('wait in the other store where they had looked at what they were sent, and are due where they had not', async () => {
    const first = memoryStore();
    const engine = createEngine(desk, { store: keptStore(first) });
    for (const runId of ['looked', 'unseen']) {
      await engine.run({}, { runId });
      await engine.send(runId, 'early', 1);
      await first.release(await first.take(runId), { status: 'paused', seen: 1 });
    }
    await engine.send('unseen', 'paid', 2);
    await engine.close();
    const file = sqliteStore(join(temporaryFolder(), 'runs.db'));
    await copyRuns(first, file);
    const back = memoryStore();
    await copyRuns(file, back);
    for (const store of [first, file, back])
      expect((await store.due('desk', 9)).map(({ runId }) => runId)).toEqual(['unseen']);
    // What is sent from now on makes it due.
    for (const store of [file, back]) {
      await store.send('looked', { kind: 'signal', name: 'paid', value: 3, time: now });
      expect((await store.due('desk', 9)).map(({ runId }) => runId)).toContain('looked');
    }
    await file.close();
  });

  it('continue in the other store', async () => {
    const first = memoryStore();
    await filled(first);
    const other = memoryStore();
    await copyRuns(first, other);
    const engine = createEngine(desk, { store: other });
    await engine.send('asks', 'paid', 3);
    expect(await engine.resume('asks', { answer: 'no' })).toMatchObject({ state: { answer: 'no', amount: 3 } });
    await engine.send('waits', 'paid', 5);
    expect(await engine.resume('waits')).toMatchObject({ status: 'done', state: { answer: 'yes', amount: 5 } });
    await engine.close();
  });

  it('take along that somebody wants them cancelled', async () => {
    const first = memoryStore();
    await filled(first);
    await first.requestCancel('asks', 'too late');
    const file = sqliteStore(join(temporaryFolder(), 'runs.db'));
    await copyRuns(first, file);
    const back = memoryStore();
    await copyRuns(file, back);
    for (const store of [file, back]) {
      expect(await store.requestedCancel?.('asks')).toEqual({ runId: 'asks', reason: 'too late' });
      expect(await store.requestedCancel?.('waits')).toBeUndefined();
      expect((await store.due('desk', 9)).map(({ runId }) => runId)).toContain('asks');
    }
    const engine = createEngine(desk, { store: back });
    expect(await engine.resume('asks')).toMatchObject({ status: 'cancelled', reason: 'too late' });
    await engine.close();
    await file.close();
  });

  it('take along what was decided about their fixtures', async () => {
    const first = memoryStore();
    const claim = { owner: 'one', leaseMs: 1_000, isRecorded: true } as const;
    for (const runId of ['wanted', 'recorded', 'open']) {
      const lease = await first.create(runEntry(runId, graphOf('desk')), [], claim);
      await first.append(lease, [endOf('done')]);
    }
    const reserved = (await first.recordings?.reserve({ graph: 'desk', stage: 'open', forMs: 0, limit: 9 })) ?? [];
    const named = (runId: string) => reserved.find((run) => run.runId === runId) as (typeof reserved)[number];
    await first.recordings?.mark(named('wanted'), { status: 'wanted', afterMs: 0, tries: 1 });
    await first.recordings?.mark(named('recorded'), { status: 'recorded', name: 'desk-1' });
    const file = sqliteStore(join(temporaryFolder(), 'runs.db'));
    await copyRuns(first, file);
    const back = memoryStore();
    await copyRuns(file, back);
    for (const store of [file, back]) {
      expect((await store.find('wanted'))?.recording).toBe('wanted');
      expect((await store.find('recorded'))?.recording).toBe('recorded: desk-1');
      expect(await store.recordings?.wantedCount('desk', 9)).toBe(1);
      const query = { graph: 'desk', stage: 'open', forMs: 0, limit: 9 } as const;
      expect((await store.recordings?.reserve(query))?.map(({ runId }) => runId)).toEqual(['open']);
    }
    await file.close();
  });

  it('are left out while a process drives them, and copied once it has died', async () => {
    let time = now;
    const first = memoryStore({ now: () => time });
    const { runId } = await driven(first, 'run-1');
    const other = memoryStore();
    expect(await copyRuns(first, other)).toEqual({ copied: 0, there: 0, driven: [runId] });
    expect(await other.list({})).toEqual([]);
    time += 200;
    expect(await copyRuns(first, other)).toEqual({ copied: 1, there: 0, driven: [] });
    expect((await other.find(runId))?.status).toBe('interrupted');
  });

  it('are nobody else’s while they are not whole, and made whole by the next copy', async () => {
    const first = memoryStore();
    const names = await filled(first);
    const other = memoryStore();
    for (let at = 0, isCut = true; isCut; at += 1) {
      let count = 0;
      isCut = false;
      const cut = (): void => {
        if (count++ < at) return;
        isCut = true;
        throw new Error('the disk is gone');
      };
      const failing = changedStore(other, {
        append: (...given) => {
          cut();
          return other.append(...given);
        },
        create: (...given) => {
          cut();
          return other.create(...given);
        },
        send: (...given) => {
          cut();
          return other.send(...given);
        },
        release: (...given) => {
          cut();
          return other.release(...given);
        },
      });
      await copyRuns(first, failing).catch(() => undefined);
      for (const { runId, status } of await other.list({}))
        if (status === 'running') expect(() => other.take(runId, { owner: 'worker', leaseMs: 9 })).toThrow();
    }
    for (const runId of names)
      expect([runId, await sightOf(other, runId)]).toEqual([runId, await sightOf(first, runId)]);
  });

  it('are refused where they differ', async () => {
    const first = memoryStore();
    await filled(first);
    const other = memoryStore();
    await copyRuns(first, other);
    const engine = createEngine(desk, { store: other });
    await engine.send('waits', 'paid', 5);
    await engine.resume('waits');
    await expect(copyRuns(first, other)).rejects.toThrow(expect.objectContaining({ code: 'run-exists' }));
    await engine.close();
  });
});

describe('runs whose tasks workers have begun', () => {
  it('charge nobody again without a decision', async () => {
    const [first, other] = [fileStore(), fileStore()];
    const charged: string[] = [];
    await begun(first, charged);
    expect(charged).toEqual(['first: 0']);
    const known = await effectsInDoubtOf(first, 'run-1');
    expect(known).toMatchObject([{ node: 'pay', name: 'charge', request: { n: 0 }, onWorker: true }]);
    expect(await copyRuns(first, other)).toEqual({ copied: 1, there: 0, driven: [] });
    const ids = (await first.errands?.of('run-1')) ?? [];
    for (const id of (await other.errands?.of('run-1')) ?? expect.fail())
      expect([id, await sightOf(other, id)]).toEqual([id, await sightOf(first, id)]);
    expect(ids).toHaveLength(2);
    const worker = createEngine(shop('other', charged), { store: keptStore(other) });
    const work = worker.work({ tasks: ['pay'], pollMs: 5 });
    const owner = createEngine(shop('owner', charged), { store: keptStore(other) });
    expect(await owner.resume('run-1')).toMatchObject({ status: 'failed', error: { code: 'effect-in-doubt' } });
    expect(charged.filter((charge) => charge.endsWith('0'))).toEqual(['first: 0']);
    const [doubt] = await effectsInDoubtOf(other, 'run-1');
    const { onWorker, ...asBefore } = known[0] ?? expect.fail();
    expect([onWorker, doubt]).toEqual([true, asBefore]);
    const decide = { [doubt?.address ?? '']: { value: 'paid' } };
    expect(await owner.resume('run-1', { decide })).toMatchObject({ status: 'done', state: { paid: 2 } });
    expect(charged).toEqual(['first: 0', 'other: 1']);
    await work.stop();
    for (const engine of [worker, owner]) await engine.close();
    for (const store of [first, other]) await store.close();
  });

  it('count as driven while a worker is at it', async () => {
    const first = fileStore();
    await begun(first, []);
    const [errand] = (await first.errands?.waiting(9)) ?? [];
    await first.take(errand?.errandId ?? expect.fail(), { owner: 'a worker', leaseMs: 60_000 });
    expect(await copyRuns(first, memoryStore())).toEqual({ copied: 0, there: 0, driven: ['run-1'] });
    await first.close();
  });

  it('are refused where the other store keeps no tasks', async () => {
    const first = fileStore();
    await begun(first, []);
    const other = memoryStore();
    Object.defineProperty(other, 'errands', { value: undefined });
    await expect(copyRuns(first, other)).rejects.toThrow(expect.objectContaining({ code: 'store-without-errands' }));
    expect(await other.list({})).toEqual([]);
    await first.close();
  });
});

function fileStore(): RunStore {
  return sqliteStore(join(temporaryFolder(), 'runs.db'));
}

/** Two payments, which workers make. The first worker never gets an answer. */
function shop(name: string, charged: string[]) {
  return graph('shop', { state: fields({ paid: sum() }), inputs: { pay: input<number>() } })
    .node('begin', (_state, { send }) => ({ route: [send('pay', 0), send('pay', 1)] }))
    .node(
      'pay',
      async (_state, { input: n, effect }) => {
        await effect(
          'charge',
          { n },
          (_request, { signal }) => {
            charged.push(`${name}: ${n}`);
            if (name !== 'first') return 'paid';
            return new Promise<string>((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason as Error));
            });
          },
          { once: true, onDoubt: 'fail' },
        );
        return { delta: { paid: 1 } };
      },
      { on: 'workers' },
    )
    .start('begin')
    .build();
}

/** The process of the run and its worker go, with one payment under way. */
async function begun(store: RunStore, charged: string[]): Promise<void> {
  const worker = createEngine(shop('first', charged), { store: keptStore(store), graceMs: 0 });
  worker.work({ tasks: ['pay'], pollMs: 5, width: 1 });
  const owner = createEngine(shop('owner', charged), { store: keptStore(store), graceMs: 0 });
  const run = owner.run({}, { runId: 'run-1' });
  await expect.poll(() => charged).toHaveLength(1);
  await owner.close();
  expect(await run).toMatchObject({ status: 'interrupted' });
  await worker.close();
}

/** A run under a claim of another process, which holds for 100 ms. */
async function driven(store: RunStore, runId: string): Promise<{ readonly runId: string }> {
  const engine = createEngine(desk, { store: keptStore(store) });
  await engine.run({}, { runId });
  await engine.close();
  await store.take(runId, { owner: 'other', leaseMs: 100 });
  return { runId };
}
