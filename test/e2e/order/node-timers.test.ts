// Timers that nodes set: live the process's own, and in a replay none of them takes time.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mock } from 'node:test';
import { promisify } from 'node:util';
import { scheduler, setInterval as ticks, setTimeout as wait } from 'node:timers/promises';
import { gzip } from 'node:zlib';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph, RunStore } from 'reprise';
import { exportRunTo, recordRun } from 'reprise/record';
import { replay } from 'reprise/replay';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Entry, RunEntry, TimerFiring } from '../../../src/journal/entry.ts';
import { keptStore } from '../../support/changed-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { collected } from '../../support/journals.ts';

const hour = 3_600_000;

type Call = (name: string, request: unknown, perform: () => unknown) => Promise<unknown>;

function ofNode(node: (context: { readonly effect: Call }) => Promise<unknown>): AnyGraph {
  return graph('timers', { state: fields({ got: last<unknown>(null) }) })
    .node('n', async (_state, context) => ({ delta: { got: await node(context as never) } }))
    .start('n')
    .build();
}

const stateOf = (run: unknown): unknown => (run as { readonly state: unknown }).state;

async function recorded(made: AnyGraph): Promise<{ readonly store: RunStore; readonly state: unknown }> {
  const store = keptStore(memoryStore());
  const engine = createEngine(made, { store });
  const run = await engine.run({}, { runId: 'run' });
  await engine.close();
  return { store, state: stateOf(run) };
}

afterEach(() => {
  vi.useRealTimers();
});

const kinds: Readonly<Record<string, (ms: number) => Promise<unknown>>> = {
  setTimeout: (ms) => new Promise((resolve) => setTimeout(resolve, ms, 'given')),
  'setTimeout, promisified': (ms) => promisify(setTimeout)(ms, 'given'),
  setInterval: (ms) =>
    new Promise((resolve) => {
      let turns = 0;
      const timer = setInterval(() => {
        turns += 1;
        if (turns === 3) clearInterval(timer);
        if (turns === 3) resolve(turns);
      }, ms);
    }),
  'setTimeout of timers/promises': (ms) => wait(ms, 'given'),
  'setInterval of timers/promises': async (ms) => {
    let turns = 0;
    for await (const value of ticks(ms, 'tick')) {
      turns += 1;
      if (turns === 3) return [turns, value];
    }
    return turns;
  },
  'scheduler.wait': (ms) => scheduler.wait(ms),
  'AbortSignal.timeout': (ms) =>
    new Promise((resolve) => {
      const signal = AbortSignal.timeout(ms);
      signal.addEventListener('abort', () => resolve((signal.reason as Error).name));
    }),
  'a timer that is set again': (ms) =>
    new Promise((resolve) => {
      const order: string[] = [];
      const timer = setTimeout(() => {
        order.push('again');
        if (order.length === 3) resolve(order);
        else timer.refresh();
      }, ms);
      timer.refresh();
    }),
  'a timer that is cleared': async (ms) => {
    const order: string[] = [];
    clearTimeout(setTimeout(() => order.push('cleared'), ms));
    clearTimeout(Number(setTimeout(() => order.push('cleared by its number'), ms)));
    setTimeout(() => order.push('closed'), ms).close();
    await wait(ms + 2);
    return order;
  },
  'a wait that is aborted': async (ms) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), ms);
    return wait(hour, null, { signal: abort.signal }).catch((thrown: Error) => [
      thrown.name,
      (thrown.cause as Error).message,
    ]);
  },
};

describe.each(Object.entries(kinds))('%s', (_name, kind) => {
  it('fires live as without an engine, and replays without time', async () => {
    let isReplay = false;
    // An hour in the replay would be an hour, if it took time; the delay is what timers are paired by.
    const made = ofNode(async () => kind(isReplay ? hour : 3));
    const { store, state } = await recorded(made);
    expect(state).toEqual({ got: await kind(3) });
    const path = await exportRunTo(store, 'run', join(temporaryFolder(), 'a.run.jsonl'));
    const same = await replay(made, path);
    expect([same.report.verdict, same.report.outOfOrder]).toEqual(['same', 0]);
    isReplay = true;
    expect((await replay(made, path)).report.verdict, 'with another delay').toBe('same');
  });
});

describe('a timer that never fired', () => {
  it('fires only when nothing recorded is left', async () => {
    const made = ofNode(async ({ effect }) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
      }, 1_000);
      for (const name of ['a', 'b', 'c']) {
        await effect(name, null, () => wait(2));
        await readFile(import.meta.filename);
        await promisify(gzip)(Buffer.alloc(200_000));
        await crypto.subtle.digest('SHA-256', Buffer.alloc(200_000));
      }
      clearTimeout(timer);
      return [isLate, createHash('sha256').update('a').digest('hex')];
    });
    const { store } = await recorded(made);
    const path = await exportRunTo(store, 'run', join(temporaryFolder(), 'a.run.jsonl'));
    for (let count = 0; count < 5; count += 1) expect((await replay(made, path)).report.verdict).toBe('same');
  });
});

describe('fake timers of a test', () => {
  /** Its first attempt fails. */
  function retried(): AnyGraph {
    let tries = 0;
    return graph('retried', { state: fields({ got: last(0) }) })
      .node(
        'n',
        async (_state, { effect }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          await promisify(setTimeout)(5);
          const got = await effect('x', null, async () => {
            tries += 1;
            if (tries === 1) throw new Error('first');
            return 7;
          });
          return { delta: { got } };
        },
        { retry: { attempts: 2, delayMs: 3 } },
      )
      .start('n')
      .build();
  }

  it.each(['before', 'around', 'after'] as const)('stop no replay: %s', async (when) => {
    const { path } = await recordRun(retried(), {}, { out: `${temporaryFolder()}/` });
    if (when === 'before') vi.useFakeTimers();
    const replaying = replay(retried(), path);
    if (when === 'around') vi.useFakeTimers();
    const { report } = await replaying;
    if (when === 'after') vi.useFakeTimers();
    expect(report.verdict).toBe('same');
    vi.useRealTimers();
    await wait(1);
  });

  it('are those of everybody else while an engine is open', async () => {
    const before = [setTimeout, setInterval, clearTimeout, clearInterval, AbortSignal.timeout];
    const engine = createEngine(ofNode(async () => 1));
    await engine.run({});
    vi.useFakeTimers();
    let hasFired = false;
    setTimeout(() => {
      hasFired = true;
    }, hour);
    vi.advanceTimersByTime(hour);
    expect(hasFired).toBe(true);
    vi.useRealTimers();
    await engine.close();
    expect([setTimeout, setInterval, clearTimeout, clearInterval, AbortSignal.timeout]).toEqual(before);
    await wait(1);
  });
});

describe('fake timers and an engine, in any order', () => {
  const orders = [
    ['fake', 'open', 'real', 'close'],
    ['fake', 'open', 'close', 'real'],
    ['open', 'fake', 'real', 'close'],
    ['open', 'fake', 'close', 'real'],
  ] as const;
  const fakes = {
    vitest: { fake: () => void vi.useFakeTimers(), real: () => void vi.useRealTimers() },
    'node:test': {
      fake: () => mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }),
      real: () => mock.timers.reset(),
    },
  };
  const cases = Object.entries(fakes).flatMap(([whose, does]) =>
    orders.map((order) => [whose, order.join(', '), does, order] as const),
  );

  it.each(cases)('of %s: %s', async (_whose, _order, does, order) => {
    const engines: ReturnType<typeof createEngine>[] = [];
    const steps = {
      ...does,
      open: async () => {
        const engine = createEngine(ofNode(async () => 1));
        engines.push(engine);
        await engine.run({});
      },
      close: async () => void (await engines.pop()?.close()),
    };
    for (const step of order) await steps[step]();
    const fired = await new Promise((resolve) => setTimeout(resolve, 1, 'fired'));
    expect(fired).toBe('fired');
    clearTimeout(setInterval(() => undefined, hour));
    // A timer of a node is one timer, whatever the tests before have left behind.
    const { store } = await recorded(ofNode(async () => kinds.setInterval?.(1)));
    expect(firingsIn(await collected(store.read('run', 0)))).toHaveLength(3);
  });

  it('a timer of before is cleared while others are fake', async () => {
    await using engine = createEngine(ofNode(async () => 1));
    const real = setTimeout(() => undefined, hour);
    await engine.run({});
    vi.useFakeTimers();
    expect(() => clearTimeout(real)).not.toThrow();
    vi.useRealTimers();
  });
});

/** Holds up the whole process, as a machine does that has too much to do. */
const holdUp = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const limits: Readonly<Record<string, (ms: number) => Promise<unknown>>> = {
  setTimeout: (ms) => new Promise((resolve) => setTimeout(resolve, ms, 'late')),
  'setTimeout of timers/promises': (ms) => wait(ms, 'late'),
  'AbortSignal.timeout': (ms) =>
    new Promise((resolve) => AbortSignal.timeout(ms).addEventListener('abort', () => resolve('late'))),
  'AbortSignal.any': (ms) =>
    new Promise((resolve) =>
      AbortSignal.any([AbortSignal.timeout(ms), new AbortController().signal]).addEventListener('abort', () =>
        resolve('late'),
      ),
    ),
};

describe.each(Object.entries(limits))('a limit by %s', (_name, limit) => {
  it('does not overtake a recorded answer where its firing was lost with the process', async () => {
    let isSlow = false;
    const made = ofNode(async ({ effect }) => {
      // What is due after this comes before what waits for the next turn.
      await new Promise((resolve) => setImmediate(resolve));
      const late = limit(isSlow ? 4 : 2_000);
      const answer = effect('answer', null, async () => scheduler.yield().then(() => 'answer'));
      if (isSlow) holdUp(8);
      const first = await Promise.race([answer, late]);
      return effect('tell', first, () => wait(8, first));
    });
    const { store: whole, state } = await recorded(made);
    expect(state).toEqual({ got: 'answer' });
    const entries = await collected(whole.read('run', 0));
    const told = entries.findIndex((entry) => entry.kind === 'effect' && entry.name === 'tell');
    expect(entries.slice(0, told + 1).some(({ kind }) => kind === 'ambient')).toBe(false);
    const store = keptStore(memoryStore());
    const lease = await store.create(entries[0] as RunEntry);
    await store.append(lease, entries.slice(1, told + 1));
    await store.release(lease);
    isSlow = true;
    await using engine = createEngine(made, { store });
    expect(await engine.resume('run')).toMatchObject({ status: 'done', state: { got: 'answer' } });
  });
});

it('a run that was cut off does not sleep again', async () => {
  let ms = 3;
  const made = ofNode(async ({ effect }) => {
    await wait(ms);
    return effect('after', null, () => 1);
  });
  const { store } = await recorded(made);
  const entries = await collected(store.read('run', 0));
  const cut = keptStore(memoryStore());
  const lease = await cut.create(entries[0] as RunEntry);
  const before = entries.slice(
    1,
    entries.findIndex(({ kind }) => kind === 'outcome'),
  );
  expect(firingsIn(before)).toEqual([{ delayMs: 3, occurrence: 0, turn: 0, order: 1 }]);
  // As if it had slept for an hour.
  await cut.append(lease, before.map(withDelay));
  await cut.release(lease);
  ms = hour;
  const engine = createEngine(made, { store: cut });
  expect((await engine.resume('run')).status).toBe('done');
  await engine.close();
});

function firingsIn(entries: readonly Entry[]): readonly TimerFiring[] {
  return entries.flatMap((entry) => (entry.kind === 'ambient' ? (entry.observed.firings ?? []) : []));
}

function withDelay(entry: Entry): Entry {
  if (entry.kind !== 'ambient') return entry;
  const firings = entry.observed.firings?.map((firing) => ({ ...firing, delayMs: hour })) ?? [];
  return { ...entry, observed: { ...entry.observed, firings } };
}
