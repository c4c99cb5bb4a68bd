// The deadline and the labels of a run stay with it, whichever engine drives it.
import { describe, expect, it } from 'vitest';
import type { RunHost } from '../../../../src/engine/host/run-host.ts';
import { append, fields, graph } from '../../../../src/index.ts';
import { canonicalEntries } from '../../../../src/journal/run/canonical.ts';
import { memoryStore } from '../../../../src/store/memory/memory.ts';
import { keptStore } from '../../../support/changed-store.ts';
import { collected } from '../../../support/journals.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { testEngine } from '../../../support/test-engine.ts';

const started: string[] = [];
const waiting = graph('waiting', { state: fields({ log: append<string>() }) })
  .node('wait', async (_state, { signal, key }) => {
    started.push(key);
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  })
  .start('wait')
  .build();
const asking = graph('asking', { state: fields({ log: append<string>() }) })
  .node('ask', async (_state, { ask }) => ({ delta: { log: [await ask<string>('go?')] } }))
  .start('ask')
  .build();

function engines(of: typeof waiting | typeof asking, clock: ManualClock) {
  const store = memoryStore({ now: () => clock.now() });
  return { store, engine: (): RunHost => testEngine(of, { store: keptStore(store), clock }) };
}

describe('a deadline', () => {
  it('holds for the engine that resumes the run, and counts from the beginning', async () => {
    const clock = new ManualClock(1_000);
    const { store, engine } = engines(waiting, clock);
    const first = engine();
    const begun = first.run({}, { timeoutMs: 500 });
    await clock.advance(200);
    await first.close();
    expect(await begun).toMatchObject({ status: 'interrupted' });
    const second = engine();
    const resumed = second.resume('run');
    await clock.advance(299);
    expect((await store.find('run'))?.status).toBe('running');
    await clock.advance(1);
    expect(await resumed).toMatchObject({
      status: 'failed',
      error: { code: 'limit-reached', fields: { timeoutMs: 500 } },
    });
    await second.close();
  });

  it('that has passed ends the run before any node of it starts', async () => {
    const clock = new ManualClock(1_000);
    const { store, engine } = engines(waiting, clock);
    const first = engine();
    void first.run({}, { timeoutMs: 500 });
    await clock.advance(0);
    await first.close();
    await clock.advance(600);
    started.length = 0;
    const worker = engine();
    const [due] = await worker.resumeDue(1, new Set());
    expect(await due?.result).toMatchObject({ status: 'failed', error: { code: 'limit-reached' } });
    expect(started).toEqual([]);
    expect(await worker.resume('run')).toMatchObject({ status: 'failed', error: { code: 'limit-reached' } });
    const again = worker.resume('run', { timeoutMs: 50 });
    await clock.advance(49);
    expect([started, (await store.find('run'))?.status]).toEqual([['1.0'], 'running']);
    await clock.advance(1);
    expect(await again).toMatchObject({ status: 'failed', error: { fields: { timeoutMs: 50 } } });
    await worker.close();
  });

  it('wakes a paused run, which then fails', async () => {
    const clock = new ManualClock(1_000);
    const { store, engine } = engines(asking, clock);
    const host = engine();
    expect(await host.run({}, { timeoutMs: 500 })).toMatchObject({
      status: 'paused',
      questions: [{ key: '1.0:question' }],
    });
    expect((await store.find('run'))?.wakeAt).toBe(1_500);
    await clock.advance(499);
    expect(await host.resumeDue(1, new Set())).toEqual([]);
    await clock.advance(1);
    const [due] = await host.resumeDue(1, new Set());
    expect(await due?.result).toMatchObject({ status: 'failed', error: { code: 'limit-reached' } });
    await host.close();
  });

  it('can be taken away', async () => {
    const clock = new ManualClock(1_000);
    const { store, engine } = engines(asking, clock);
    const host = engine();
    await host.run({}, { timeoutMs: 500 });
    expect(await host.resume('run', { timeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({ status: 'paused' });
    expect((await store.find('run'))?.wakeAt).toBeUndefined();
    await clock.advance(9_000);
    expect(await host.resume('run', { answer: 'yes' })).toMatchObject({ status: 'done', state: { log: ['yes'] } });
    await host.close();
  });
});

it('runs without terms journal nothing of them', async () => {
  const { store, engine } = engines(asking, new ManualClock());
  const host = engine();
  await host.run({}, {});
  await host.resume('run', { answer: 'yes' });
  const entries = await collected(store.read('run'));
  expect(entries.map(({ kind }) => kind)).toEqual(['run', 'commit', 'begin', 'effect', 'outcome', 'commit', 'end']);
  expect(entries[0]?.observed).not.toHaveProperty('terms');
  await host.close();
});

it('terms are observed: the canonical journal is the one of a run without them', async () => {
  const journals = [];
  for (const options of [{}, { timeoutMs: 5_000, labels: { for: 'acme' }, pauseAfter: ['ask'] }]) {
    const { store, engine } = engines(asking, new ManualClock());
    const host = engine();
    await host.run({}, options);
    await host.resume('run', { answer: 'yes', ...('labels' in options ? { labels: {} } : {}) });
    journals.push(
      canonicalEntries(await collected(store.read('run'))).map(({ observed: _observed, ...entry }) => entry),
    );
    await host.close();
  }
  expect(journals[1]).toEqual(journals[0]);
});
