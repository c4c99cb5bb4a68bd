// Whatever a target does, runs end as they would have, what waits is bounded, and each loss is told and counted.
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, text } from '../../../../src/index.ts';
import type { PrunableStore, RecordOptions, RunRecording } from '../../../../src/index.ts';
import { RecordedStore } from '../../../../src/record/policy/recorded-store.ts';
import { Recorder } from '../../../../src/record/policy/recorder.ts';
import { sqliteStore } from '../../../../src/store/sqlite/index.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { collected } from '../../../support/journals.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { unclosed } from '../../../support/unclosed-store.ts';

const failing = graph('failing', { state: fields({ text: last('') }) })
  .node('fail', async (_state, { effect }) => {
    await effect('ask', null, () => 'an answer');
    throw new Error('on purpose');
  })
  .start('fail')
  .build();

const limits = { writingMax: 2, waitingMax: 5, writeMs: 1_000, retryMs: [100, 200], readMs: 1_000, pollMs: 50 };
type Target = Exclude<RecordOptions['to'], string>;

interface Process {
  readonly recorder: Recorder;
  readonly store: RecordedStore;
  readonly told: (readonly [string, RunRecording])[];
}

function processOn(store: PrunableStore, to: Target, clock: ManualClock): Process {
  const told: (readonly [string, RunRecording])[] = [];
  const { recordings } = store;
  if (recordings === undefined) throw new Error('it keeps no recordings');
  const recorder = new Recorder({
    store,
    recordings,
    graph: 'failing',
    options: { to },
    clock,
    graceMs: 500,
    tell: ({ runId }, recording) => void told.push([runId, recording]),
    limits,
  });
  return { recorder, store: new RecordedStore(unclosed(store), recorder), told };
}

async function runAll(store: RecordedStore, count: number, prefix = 'run'): Promise<readonly string[]> {
  const engine = createEngine(failing, { store: unclosed(store) });
  const ended: string[] = [];
  for (let number = 1; number <= count; number += 1)
    ended.push((await engine.run({}, { runId: `${prefix}-${number}`, seed: 's' })).status);
  await engine.close();
  return ended;
}

const markOf = async (store: PrunableStore, runId: string) => (await store.find(runId))?.recording;
const never: Target = () => new Promise(() => undefined);
const reading: (names: string[]) => Target =
  (names) =>
  async ({ name, stream }) => {
    await new Response(stream).arrayBuffer();
    names.push(name);
  };

const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
afterEach(() => warned.mockClear());

describe.each([
  ['memory', (clock: ManualClock) => memoryStore({ now: () => clock.now() })],
  ['sqlite', (clock: ManualClock) => sqliteStore(join(temporaryFolder(), 'runs.db'), { now: () => clock.now() })],
] as const)('on a store in %s', (_name, makeStore) => {
  it('a target that hangs keeps its places, and what comes after too many is dropped', async () => {
    const clock = new ManualClock(1_000);
    const store = makeStore(clock);
    const { recorder, store: recorded, told } = processOn(store, never, clock);
    expect(await runAll(recorded, 12)).toEqual(Array.from({ length: 12 }, () => 'failed'));
    await clock.advance(1);
    expect(recorder.counts).toEqual({ recorded: 0, skipped: 0, lost: 7, failedTries: 0 });
    expect(told).toHaveLength(7);
    expect(told[0]).toEqual([
      'run-6',
      { status: 'not-recorded', why: 'too many were waiting', time: expect.any(Number) },
    ]);
    await clock.advance(1_000);
    expect(recorder.counts).toMatchObject({ lost: 7, failedTries: 2 });
    expect(told.at(-1)).toEqual([
      'run-2',
      { status: 'failed', why: 'not written within 1000 ms', time: expect.any(Number) },
    ]);
    const closed = recorder.close();
    await clock.advance(500);
    await closed;
    expect(await markOf(store, 'run-3')).toBe('wanted');
    expect(await markOf(store, 'run-7')).toBe('not-recorded: too many were waiting');

    const names: string[] = [];
    const next = processOn(store, reading(names), clock);
    next.recorder.begin();
    await clock.advance(50);
    await clock.advance(50);
    await clock.advance(50);
    expect(names.sort()).toEqual([1, 2, 3, 4, 5].map((number) => `failing/run-${number}.run.jsonl`));
    await next.recorder.close();
  });

  it('a run that is not recorded keeps its chunks for a while, for readers that are behind', async () => {
    const clock = new ManualClock(1_000);
    const store = makeStore(clock);
    const talking = graph('failing', { state: fields({ said: text() }) })
      .node('say', async function* (_state, { effect }) {
        await effect('ask', null, () => 'a long answer '.repeat(1_000));
        for (let word = 0; word < 20; word += 1) yield { said: `${word} ${'x'.repeat(2_000)} ` };
      })
      .start('say')
      .build();
    const { recorder, store: recorded } = processOn(store, never, clock);
    const engine = createEngine(talking, { store: unclosed(recorded) });
    await engine.run({}, { runId: 'run-1' });
    await clock.advance(1);
    expect(await markOf(store, 'run-1')).toBe('not-recorded: not asked for');
    expect(recorder.counts).toMatchObject({ skipped: 1, lost: 0 });
    const holdsAnswer = async () => {
      const read = (await collected(store.read('run-1'))).map((entry) => JSON.stringify(entry));
      return read.some((entry) => entry.includes('a long answer'));
    };
    const items = async () => {
      const kinds: string[] = [];
      for await (const { kind } of engine.read('run-1')) kinds.push(kind);
      return kinds.filter((kind) => kind !== 'node-start' && kind !== 'node-done');
    };
    const chunks = Array.from({ length: 20 }, () => 'chunk');
    expect(await holdsAnswer()).toBe(false);
    expect(await items()).toEqual([...chunks, 'done']);
    for (let time = 0; time < 900; time += 50) await clock.advance(50);
    expect(await items()).toEqual([...chunks, 'done']);
    for (let time = 0; time < 200; time += 50) await clock.advance(50);
    expect(await items()).toEqual(['snapshot', 'done']);
    expect(await markOf(store, 'run-1')).toBe('not-recorded: not asked for');
    await recorder.close();
    await engine.close();
  });

  it('a target that throws is tried three times', async () => {
    const clock = new ManualClock(1_000);
    const store = makeStore(clock);
    const thrown = 'no bucket, token=sk-abcdefghijklmnopqrstuvwxyz012345';
    const { recorder, store: recorded, told } = processOn(store, () => Promise.reject(new Error(thrown)), clock);
    await runAll(recorded, 1);
    for (let time = 0; time < 400; time += 50) await clock.advance(50);
    expect(told.map(([, { status }]) => status)).toEqual(['failed', 'failed', 'not-recorded']);
    expect(recorder.counts).toEqual({ recorded: 0, skipped: 0, lost: 1, failedTries: 2 });
    expect(await markOf(store, 'run-1')).toMatch(/^not-recorded: could not be written: no bucket/);
    expect(await markOf(store, 'run-1')).not.toContain('sk-abc');
    await recorder.close();
  });

  it.each([
    ['reads nothing', async () => undefined],
    [
      'throws at once',
      () => {
        throw new Error('at once');
      },
    ],
  ])('a target that %s has failed', async (_what, to) => {
    const clock = new ManualClock(1_000);
    const store = makeStore(clock);
    const { recorder, store: recorded } = processOn(store, to as Target, clock);
    await runAll(recorded, 1);
    await clock.advance(1);
    expect(recorder.counts).toMatchObject({ recorded: 0, failedTries: 1 });
    await recorder.close();
  });

  it('what a dead process left is written once, by one of those that work the store', async () => {
    const clock = new ManualClock(1_000);
    const store = makeStore(clock);
    // Its clock stands still, so it never gets to look: as if it had died after the runs.
    const dead = processOn(store, never, { now: () => 1_000, setTimer: () => () => undefined } as never);
    await runAll(dead.store, 4);
    const names: string[] = [];
    const both = [processOn(store, reading(names), clock), processOn(store, reading(names), clock)];
    for (const { recorder } of both) recorder.begin();
    for (let time = 0; time < 200; time += 50) await clock.advance(50);
    expect(names.sort()).toEqual([1, 2, 3, 4].map((number) => `failing/run-${number}.run.jsonl`));
    for (const { recorder } of both) await recorder.close();
  });

  it('a run that is resumed while its fixture is written is looked at again when it has ended', async () => {
    const clock = new ManualClock(1_000);
    const store = makeStore(clock);
    let write: () => void = () => undefined;
    const names: string[] = [];
    let calls = 0;
    const to: Target = async (fixture) => {
      calls += 1;
      if (calls === 1) await new Promise<void>((resolve) => (write = resolve));
      await reading(names)(fixture);
    };
    const { recorder, store: recorded } = processOn(store, to, clock);
    await runAll(recorded, 1);
    await clock.advance(1);
    const engine = createEngine(failing, { store: unclosed(recorded) });
    const resumed = await engine.resume('run-1');
    expect(resumed.status).toBe('failed');
    write();
    await clock.advance(50);
    await clock.advance(50);
    expect(names).toHaveLength(2);
    expect(await markOf(store, 'run-1')).toBe('recorded: failing/run-1.run.jsonl');
    await engine.close();
    await recorder.close();
  });
});

describe('a recording that is lost for good', () => {
  const lostWith = async (record: Partial<RecordOptions>, runId = 'run'): Promise<readonly string[]> => {
    const engine = createEngine(failing, { store: memoryStore(), record: { to: temporaryFolder(), ...record } });
    for (const number of [1, 2, 3]) await engine.run({}, { runId: `${runId}-${number}` });
    await engine.close();
    expect(engine.recordings()).toMatchObject({ recorded: 0, lost: 3 });
    return warned.mock.calls.map(([message]) => String(message));
  };
  const email = 'ada@example.org';

  it.each<[string, Partial<RecordOptions>, string, RegExp]>([
    [
      'a policy that throws',
      {
        when: () => {
          throw new Error('no such field');
        },
      },
      'run',
      /the policy threw: no such field$/,
    ],
    ['a policy that is async', { when: (async () => true) as never }, 'run', /: `when` must not be async$/],
    [
      'a late policy that throws',
      {
        when: (async () => {
          throw new Error('late');
        }) as never,
      },
      'run',
      /must not be async/,
    ],
    ['a run that is too large', { maxBytes: 1 }, 'run', /too large$/],
    ['an ID that is secret', { redact: { values: ['email'] } }, email, /the fixture would hold a secret/],
  ])('is told once: %s', async (_name, record, runId, why) => {
    const told = await lostWith(record, runId);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^the recorder of graph "failing" lost the recording of a run for good: /);
    expect(told[0]).toMatch(why);
    expect(told[0]).not.toContain(email);
  });
});
