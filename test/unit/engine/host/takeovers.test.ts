// A run that takes its process with it is taken over so often and no more. A death is played by an engine whose clock
// stands still: it renews nothing and releases nothing.
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { fields, graph, input, last, memoryStore, sum } from '../../../../src/index.ts';
import type { AnyGraph } from '../../../../src/graph/built-graph.ts';
import type { AnyRun } from '../../../../src/graph/types/run-types.ts';
import { canonicalEntries } from '../../../../src/journal/run/canonical.ts';
import type { Claim } from '../../../../src/port/store.ts';
import { TakeoverText, runListText } from '../../../../src/report/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { failingStore } from '../../../support/failing-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected, runEntry } from '../../../support/journals.ts';
import { ManualClock, settled } from '../../../support/manual-clock.ts';
import { testEngine } from '../../../support/test-engine.ts';

const leaseMs = 1_000;
/** A node that waits until it is aborted. */
const forever = (_state: unknown, { signal }: { readonly signal: AbortSignal }): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** One life of a process after another, all with the same store. */
function lives(built: AnyGraph, maxTakeovers = 3, isGone?: Claim['isGone']) {
  let now = 1_000_000;
  const { store } = failingStore(() => now);
  let count = 0;
  const engineOf = () => {
    now += leaseMs;
    const ids = { id: () => `owner ${count++}`, ...(isGone === undefined ? {} : { isGone }) };
    return testEngine(built, { store, clock: new ManualClock(now), ...ids }, { leaseMs, maxTakeovers });
  };
  return {
    store,
    begin: () =>
      engineOf()
        .run({}, { runId: 'run' })
        .catch(() => undefined),
    /** Takes the run over, and returns its result if it has one at once. */
    takeOver: async (): Promise<AnyRun | undefined> => {
      const result = engineOf().resume('run');
      await settled();
      return Promise.race([result, settled().then(() => undefined)]);
    },
    engineOf,
    /** Once the lease of its owner has run out. */
    isDue: async () => {
      now += leaseMs;
      const due = await store.due(built.name, 9);
      now -= leaseMs;
      return due.length > 0;
    },
  };
}

const poison = graph('poison', { state: fields({ n: sum() }) })
  .node('fine', async (_state, { effect }) => {
    await effect('count', 1, () => 1);
    return { delta: { n: 1 } };
  })
  .node('deadly', forever)
  .edge('fine', 'deadly')
  .start('fine')
  .build();

it('fails after so many takeovers in a row, names what was under way, and can be resumed', async () => {
  const { begin, takeOver, isDue, store } = lives(poison);
  void begin();
  await settled();
  for (let takeover = 1; takeover <= 3; takeover += 1) expect(await takeOver(), `takeover ${takeover}`).toBeUndefined();
  expect(await isDue()).toBe(true);
  const failed = await takeOver();
  expect(failed).toMatchObject({
    status: 'failed',
    state: { n: 1 },
    error: { code: 'takeover-limit', fields: { takeovers: 4, maxTakeovers: 3, underWay: ['deadly (2.0)'] } },
  });
  expect(String(failed?.status === 'failed' ? failed.error.message : '')).toMatch(/deadly \(2\.0\).*resume/);
  expect([await isDue(), (await store.find('run'))?.status]).toEqual([false, 'failed']);
  for (let takeover = 0; takeover <= 3; takeover += 1) expect(await takeOver(), `again ${takeover}`).toBeUndefined();
  expect(await takeOver()).toMatchObject({ status: 'failed', error: { code: 'takeover-limit' } });
});

it('says in its journal how often it was taken over, and after which entry, and is compared without', async () => {
  const { begin, takeOver, store } = lives(poison);
  void begin();
  await settled();
  const before = await collected(store.read('run'));
  for (let takeover = 1; takeover <= 2; takeover += 1) await takeOver();
  const entries = await collected(store.read('run'));
  const notes = entries.slice(before.length);
  const places = [before.length, before.length + 1];
  expect(notes).toMatchObject(
    places.map((place) => ({
      what: 'taken-over',
      at: '2',
      message: expect.stringContaining(`after entry ${place}`),
      observed: { count: 1 },
    })),
  );
  expect(canonicalEntries(entries)).toEqual(canonicalEntries(before));
  const told = new TakeoverText();
  expect(told.text).toBe('');
  for (const entry of entries) told.add(entry);
  expect(told.text).toContain('taken over 2 times');
  expect(told.text).toContain('last in step 2');
  const summary = await store.find('run');
  expect(summary).toMatchObject({ status: 'running', takeovers: 2 });
  expect(runListText(summary === undefined ? [] : [summary])).toContain('running, taken over 2 times');
});

it('is not taken over at all where that is asked for, and as often as one likes where that is', async () => {
  const once = lives(poison, 0);
  void once.begin();
  await settled();
  expect(await once.takeOver()).toMatchObject({ status: 'failed', error: { code: 'takeover-limit' } });
  const always = lives(poison, Number.POSITIVE_INFINITY);
  void always.begin();
  await settled();
  for (let takeover = 0; takeover < 15; takeover += 1) expect(await always.takeOver()).toBeUndefined();
});

it('counts neither closing nor cancelling, and starts again with each entry', async () => {
  const { store, begin, engineOf } = lives(poison, 1);
  void begin();
  await settled();
  for (let time = 0; time < 4; time += 1) {
    const engine = engineOf();
    void engine.resume('run');
    await settled();
    await engine.close();
    expect((await store.find('run'))?.status).toBe('interrupted');
  }
  expect(await engineOf().cancel('run', 'enough')).toBe(true);
  expect((await store.find('run'))?.status).toBe('cancelled');
  let steps = 0;
  const slow = graph('slow', { state: fields({ n: sum() }) })
    .node('step', async (state, context) => {
      steps += 1;
      // Each process gets one step further.
      return steps % 2 === 0 ? forever(state, context) : { delta: { n: 1 } };
    })
    .edge('step', 'step')
    .start('step')
    .build();
  const further = lives(slow, 1);
  void further.begin();
  await settled();
  for (let takeover = 0; takeover < 9; takeover += 1) expect(await further.takeOver()).toBeUndefined();
  expect((await further.store.find('run'))?.step).toBe(10);
});

it('counts processes that live and are stuck, but not the first in a row', async () => {
  const { begin, takeOver, isDue, store } = lives(poison, 3, () => false);
  void begin();
  await settled();
  for (let takeover = 1; takeover <= 4; takeover += 1) expect(await takeOver(), `takeover ${takeover}`).toBeUndefined();
  expect(await isDue()).toBe(true);
  expect(await takeOver()).toMatchObject({
    status: 'failed',
    error: { code: 'takeover-limit', fields: { takeovers: 4, underWay: ['deadly (2.0)'] } },
  });
  expect((await store.find('run'))?.status).toBe('failed');
  // Resumed once it is mended, it has as many again.
  for (let takeover = 0; takeover <= 4; takeover += 1) expect(await takeOver(), `again ${takeover}`).toBeUndefined();
  expect(await takeOver()).toMatchObject({ error: { code: 'takeover-limit' } });
});

it('counts no process that was stopped for a while, however few takeovers it may have', async () => {
  const once = lives(poison, 0, () => false);
  void once.begin();
  await settled();
  expect(await once.takeOver()).toBeUndefined();
  expect(await once.takeOver()).toMatchObject({ error: { code: 'takeover-limit', fields: { takeovers: 1 } } });
  let steps = 0;
  const slow = graph('slow', { state: fields({ n: sum() }) })
    .node('step', async (state, context) => {
      steps += 1;
      return steps % 2 === 0 ? forever(state, context) : { delta: { n: 1 } };
    })
    .edge('step', 'step')
    .start('step')
    .build();
  const further = lives(slow, 0, () => false);
  void further.begin();
  await settled();
  for (let takeover = 0; takeover < 9; takeover += 1) expect(await further.takeOver()).toBeUndefined();
});

it('counts deaths and processes that are stuck together', async () => {
  const dead = new Set<string>();
  const mixed = lives(poison, 3, (owner) => dead.has(owner));
  void mixed.begin();
  await settled();
  for (const owner of ['owner 0', 'owner 2', 'owner 4']) dead.add(owner);
  const ends: (string | undefined)[] = [];
  for (let takeover = 0; takeover < 7 && ends.at(-1) === undefined; takeover += 1)
    ends.push((await mixed.takeOver())?.status);
  expect(ends.at(-1)).toBe('failed');
  expect(ends).toHaveLength(5);
});

it('names the tasks of inner runs, and none that is done', async () => {
  const inner = graph('inner', { state: fields({ n: sum() }) })
    .node('first', () => ({ delta: { n: 1 } }))
    .node('second', async (state, context) => (state.n > 1 ? {} : forever(state, context)))
    .edge('first', 'second')
    .start('first')
    .build();
  const outer = graph('outer', { state: fields({ n: sum() }), inputs: { sub: input<number>() } })
    .node('fan', (_state, { send, goto }) => ({ route: [send('sub', 0), send('sub', 1), goto('quick')] }))
    .subgraph('sub', inner, { input: (_state, { input: n }) => ({ n }), output: ({ n }) => ({ n }) })
    .node('quick', () => ({ delta: { n: 1 } }))
    .start('fan')
    .build();
  const { begin, takeOver } = lives(outer, 0);
  void begin();
  await settled();
  expect(await takeOver()).toMatchObject({ error: { fields: { underWay: ['second (2.0#1/2.0)'] } } });
});

/**
 * Lives of a worker in which one run kills the process whenever it is driven, and the others wait for a model. Returns how
 * they ended, how many lives it took, and how often each model was asked.
 */
async function livesWith(runIds: readonly string[]) {
  let now = 1_000_000;
  const { store } = failingStore(() => now);
  let isDead = false;
  let answer: () => void = () => undefined;
  let answered = Promise.resolve();
  const asked: Record<string, number> = {};
  const desk = graph('desk', { state: fields({ who: last('') }) })
    .node('work', async ({ who }, { effect }) => {
      await effect('first', null, () => 1);
      asked[who] = (asked[who] ?? 0) + 1;
      if (who === 'deadly') isDead = true;
      await effect('model', null, () => (who === 'deadly' ? new Promise(() => undefined) : answered));
      return {};
    })
    .start('work')
    .build();
  let owners = 0;
  const life = () => {
    now += leaseMs;
    isDead = false;
    answered = new Promise((resolve) => (answer = resolve));
    return testEngine(desk, { store, clock: new ManualClock(now), id: () => `owner ${owners++}` }, { leaseMs });
  };
  for (const who of runIds) await life().enqueue({ who }, { runId: who });
  const ends: Record<string, string> = {};
  let lives = 0;
  while (Object.keys(ends).length < runIds.length && lives < 40) {
    const engine = life();
    lives += 1;
    // A process that lives for a while: its worker looks again and again, and models answer in between.
    for (let round = 0; round < 4; round += 1) {
      for (const { runId, result } of await engine.resumeDue(8, new Set()))
        result.then((run) => (ends[runId] = run?.status ?? 'none')).catch(() => undefined);
      await settled();
      if (isDead) break;
      answer();
      await settled();
    }
  }
  return { ends, lives, asked };
}

it.each([
  { runIds: ['deadly', 'one', 'two', 'three'] },
  { runIds: ['one', 'two', 'deadly', 'three'] },
  { runIds: ['one', 'two', 'three', 'deadly'] },
])('fails no run that was beside the one that kills: $runIds', async ({ runIds }) => {
  const { ends, lives, asked } = await livesWith(runIds);
  expect(ends).toEqual({ deadly: 'failed', one: 'done', two: 'done', three: 'done' });
  expect(lives).toBeLessThan(14);
  // Beside the other three times, or four, and then alone.
  expect(Math.max(asked.one ?? 0, asked.two ?? 0, asked.three ?? 0)).toBeLessThanOrEqual(5);
});

it.each([
  ['memory', memoryStore],
  ['a file', (options: { readonly now: () => number }) => sqliteStore(join(temporaryFolder(), 'runs.db'), options)],
])('counts no takeover from a process that is known to live: %s', async (_where, open) => {
  let now = 1_000_000;
  const store = open({ now: () => now });
  onTestFinished(() => store.close());
  const claim = (owner: string, isGone?: Claim['isGone']): Claim => {
    now += leaseMs;
    return { owner, leaseMs, ...(isGone === undefined ? {} : { isGone }) };
  };
  await store.create(runEntry('run'), [], claim('first'));
  const takenBy = async (owner: string, isGone?: Claim['isGone']) =>
    (await store.take('run', claim(owner, isGone))).takeovers;
  expect(await takenBy('second')).toBe(1);
  expect(await takenBy('third', () => false)).toBe(1);
  expect(
    await store.take(
      'run',
      claim('another', () => false),
    ),
  ).toMatchObject({ takeovers: 1, isFromLiving: true });
  expect(
    await store.take(
      'run',
      claim('another', () => false),
    ),
  ).not.toHaveProperty('isFromLiving');
  expect(await takenBy('fourth', () => undefined)).toBe(2);
  expect(await takenBy('fifth', () => true)).toBe(3);
});
