// Runs that are copied from store to store: all of them arrive as they are, and what had not ended continues there.
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
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

/** A run under a claim of another process, which holds for 100 ms. */
async function driven(store: RunStore, runId: string): Promise<{ readonly runId: string }> {
  const engine = createEngine(desk, { store: keptStore(store) });
  await engine.run({}, { runId });
  await engine.close();
  await store.take(runId, { owner: 'other', leaseMs: 100 });
  return { runId };
}
