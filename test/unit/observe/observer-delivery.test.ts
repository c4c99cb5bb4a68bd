// Observers: told in order of what is written, and of nothing else; whatever one does, the runs are as without it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../../src/journal/entry.ts';
import { createEngine, fields, graph, memoryStore, sum } from '../../../src/index.ts';
import type { EngineOptions, ObservedEntry, RunObserver, RunStore } from '../../../src/index.ts';
import { changedStore, keptStore } from '../../support/changed-store.ts';
import { asking, counter } from '../../support/counting-graphs.ts';
import { collected } from '../../support/journals.ts';
import { settled } from '../../support/manual-clock.ts';

/** Each step waits for an effect. */
const calling = graph('counter', { state: fields({ count: sum(), wanted: sum() }) })
  .node('increase', async (_state, { effect }) => {
    const one = await effect('one', 1, async (request) => request);
    return { delta: { count: one } };
  })
  .edge('increase', 'increase', { when: ({ count, wanted }) => count < wanted })
  .start('increase')
  .build();

interface Told extends RunObserver {
  readonly entries: ObservedEntry[];
  readonly calls: string[];
}

/** Notes everything, and gives what `next` gives. */
function noting(next: (call: number) => void | Promise<void> = () => undefined, more: Partial<RunObserver> = {}): Told {
  const entries: ObservedEntry[] = [];
  const calls: string[] = [];
  return {
    ...more,
    entries,
    calls,
    observe(given, { dropped }) {
      entries.push(...given);
      calls.push(`${dropped}|${given.length}`);
      return next(calls.length);
    },
    rested: ({ runId }, { status }) => void calls.push(`${runId} ${status}`),
  };
}

const journalOf = (store: RunStore, runId: string): Promise<readonly Entry[]> => collected(store.read(runId));

const entriesOf = (told: Told, runId: string): readonly Entry[] =>
  told.entries.filter(({ run }) => run.runId === runId).map(({ entry }) => entry);

const warnings: string[] = [];
const onWarning = (warning: Error & { code?: string }): void => {
  if (warning.code === 'REPRISE_OBSERVER') warnings.push(warning.message);
};
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', onWarning);
});
afterEach(() => void process.off('warning', onWarning));
const warned = async (): Promise<readonly string[]> => {
  await settled();
  return warnings;
};

async function runs(options: EngineOptions, wanted = 3): Promise<readonly Entry[]> {
  const store = keptStore(memoryStore());
  const engine = createEngine(calling, { ...options, store });
  const run = await engine.run({ wanted }, { runId: 'r', seed: 's' });
  expect(run).toMatchObject({ status: 'done', state: { count: wanted }, notes: [] });
  await engine.close();
  return journalOf(store, 'r');
}

describe('an observer', () => {
  it('gets the journal in its order, with the run that each entry is of', async () => {
    const told = noting();
    const journal = await runs({ observers: [told] });
    expect(journal.at(-1)?.kind).toBe('end');
    expect(entriesOf(told, 'r')).toEqual(journal);
    expect(new Set(told.entries.map(({ run }) => JSON.stringify(run)))).toEqual(
      new Set(['{"runId":"r","graph":"counter"}']),
    );
    expect(told.calls.every((call) => call.startsWith('0|'))).toBe(true);
  });

  it('is told nothing that is not written yet', async () => {
    const store = keptStore(memoryStore());
    const missing: Entry[] = [];
    const observer: RunObserver = {
      async observe(entries) {
        const written = await journalOf(store, 'r');
        missing.push(...entries.map(({ entry }) => entry).filter((entry) => !written.includes(entry)));
      },
    };
    await using engine = createEngine(calling, { store, observers: [observer] });
    await engine.run({ wanted: 20 }, { runId: 'r' });
    expect(missing).toEqual([]);
  });

  it('is told of a queued run, that it rests, and then of the rest by the engine that takes it up', async () => {
    const store = keptStore(memoryStore());
    const [queueing, working] = [noting(), noting()];
    const first = createEngine(calling, { store, observers: [queueing] });
    await first.enqueue({ wanted: 1 }, { runId: 'r' });
    await first.close();
    expect([entriesOf(queueing, 'r').map(({ kind }) => kind), queueing.calls.at(-1)]).toEqual([
      ['run', 'commit'],
      'r paused',
    ]);
    const second = createEngine(calling, { store, observers: [working] });
    await second.work({ isOnce: true, pollMs: 1 }).done;
    await second.close();
    expect([...entriesOf(queueing, 'r'), ...entriesOf(working, 'r')]).toEqual(await journalOf(store, 'r'));
  });

  it('is told nothing that the store did not take, and that the run is under way no more', async () => {
    const told = noting();
    let appends = 0;
    const inner = memoryStore();
    const store = changedStore(inner, {
      append: (...given) => {
        appends += 1;
        if (appends > 2) throw new Error('the disk is full');
        return inner.append(...given);
      },
    });
    const engine = createEngine(calling, { store, observers: [told] });
    await expect(engine.run({ wanted: 9 }, { runId: 'r' })).rejects.toThrow('the disk is full');
    const written = await journalOf(inner, 'r');
    await engine.close();
    expect(entriesOf(told, 'r')).toEqual(written);
    expect(told.calls.at(-1)).toBe('r interrupted');
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no disk'))],
  ] as const)('that %s gets what comes after all the same, and is named once', async (_name, next) => {
    const told = noting(next, { name: 'mine' });
    const journal = await runs({ observers: [told] });
    expect(entriesOf(told, 'r')).toEqual(journal);
    expect(await warned()).toEqual(['observer "mine" threw: no disk']);
  });

  it('that never comes back costs its buffer, and holds up close for the grace alone', async () => {
    const told = noting(() => new Promise(() => undefined), { maxPending: 10 });
    const good = noting();
    const began = Date.now();
    const journal = await runs({ observers: [told, good], graceMs: 50 }, 100);
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(entriesOf(good, 'r')).toEqual(journal);
    expect(told.calls).toHaveLength(1);
    expect(entriesOf(told, 'r')).toEqual(journal.slice(0, told.entries.length));
    expect(await warned()).toEqual([
      'an observer is slower than the runs: with 10 entries pending, further ones are dropped',
      'an observer had not finished 50 ms after the engine was closed: it misses 10 entries',
    ]);
  });

  it('that is slow is told where how many were lost, and never held more than its buffer', async () => {
    let release: () => void = () => undefined;
    const told = noting(
      (call) =>
        call > 1
          ? undefined
          : new Promise((resolve) => {
              release = resolve;
            }),
      { maxPending: 10 },
    );
    const store = keptStore(memoryStore());
    const engine = createEngine(calling, { store, observers: [told] });
    await engine.run({ wanted: 100 }, { runId: 'r' });
    release();
    await settled();
    await engine.run({ wanted: 1 }, { runId: 'later' });
    await engine.close();
    const journal = await journalOf(store, 'r');
    const later = await journalOf(store, 'later');
    const [first, second, ...rest] = told.calls.map((call) => call.split('|').map(Number));
    expect(first?.[0]).toBe(0);
    expect((first?.[1] ?? 0) + (second?.[1] ?? 0)).toBe(10);
    expect(rest[0]?.[0]).toBe(journal.length - 10);
    expect(rest.slice(1).every(([dropped]) => dropped === 0)).toBe(true);
    expect(told.entries.map(({ entry }) => entry)).toEqual([...journal.slice(0, 10), ...later]);
  });

  it('that is quick loses nothing of a run that never waits', async () => {
    const told = noting();
    const engine = createEngine(counter, { observers: [told] });
    await engine.run({ wanted: 5_000 }, { runId: 'r' });
    await engine.close();
    expect(told.entries.length).toBeGreaterThan(10_000);
    expect(told.calls.filter((call) => !call.startsWith('0|'))).toEqual([]);
  });

  it('hands on what it has when the engine closes, and close waits for that', async () => {
    const done: string[] = [];
    await runs({
      observers: [
        {
          observe: () => undefined,
          async flush() {
            await settled();
            done.push('flushed');
          },
        },
      ],
    });
    expect(done).toEqual(['flushed']);
  });

  it('is told that a run pauses, and of the rest when it resumes', async () => {
    const told = noting();
    const store = keptStore(memoryStore());
    const engine = createEngine(asking, { store, observers: [told] });
    expect((await engine.run({}, { runId: 'r' })).status).toBe('paused');
    expect((await engine.resume('r', { answer: '2' })).status).toBe('done');
    await engine.close();
    expect(entriesOf(told, 'r')).toEqual(await journalOf(store, 'r'));
    expect(told.calls.filter((call) => !call.includes('|'))).toEqual(['r paused']);
  });

  it('sees of a fork what is a copy', async () => {
    const told = noting();
    const store = keptStore(memoryStore());
    const engine = createEngine(calling, { store, observers: [told] });
    await engine.run({ wanted: 3 }, { runId: 'r' });
    await engine.fork('r', { step: 1, runId: 'fork', patch: { wanted: 2 } });
    await engine.close();
    const ofFork = told.entries.filter(({ run }) => run.runId === 'fork');
    expect(ofFork.map(({ entry }) => entry)).toEqual(await journalOf(store, 'fork'));
    const kinds = ofFork.map(({ entry, isInherited }) => `${entry.kind} ${entry.at}${isInherited ? ' copy' : ''}`);
    expect(kinds).toEqual([
      'run ',
      'commit 0 copy',
      'effect 1.0#1 copy',
      'outcome 1.0#1 copy',
      'commit 1 copy',
      'edit 1',
      'effect 2.0#1',
      'outcome 2.0#1',
      'commit 2',
      'end ',
    ]);
    expect(told.calls.filter((call) => !call.includes('|'))).toEqual([]);
  });

  it('sees the end of a run that is cancelled while nobody drives it', async () => {
    const told = noting();
    const store = keptStore(memoryStore());
    const engine = createEngine(asking, { store, observers: [told] });
    await engine.run({}, { runId: 'r' });
    await engine.cancel('r', 'enough');
    await engine.close();
    expect(entriesOf(told, 'r').at(-1)).toMatchObject({ kind: 'end', end: { status: 'cancelled', reason: 'enough' } });
    expect(entriesOf(told, 'r')).toEqual(await journalOf(store, 'r'));
  });
});

it('refuses an invalid observer', () => {
  expect(() => createEngine(calling, { observers: [{} as RunObserver] })).toThrow('observers');
  expect(() => createEngine(calling, { observers: [noting(undefined, { maxPending: 0 })] })).toThrow('observers');
});
