// Attempts that are stopped in every way clean up, in a live run and in its replay.
import { join } from 'node:path';
import { append, cancelStoredRun, createEngine, failure, fields, graph, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import type { AnyGraph, CleanUpContext } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { sqliteStore } from 'reprise/sqlite';
import { describe, expect, it } from 'vitest';
import { canonicalEntries, canonicalSteps } from '../../../../../src/journal/run/canonical.ts';
import type { Entry } from '../../../../../src/journal/entry.ts';
import type { CancelRequest, RunStore } from '../../../../../src/port/store.ts';
import { changedStore, keptStore } from '../../../../support/changed-store.ts';
import { temporaryFolder } from '../../../../support/folder.ts';
import { collected } from '../../../../support/journals.ts';
import { LoopbackServer } from '../../../../support/loopback-server.ts';

const state = () => fields({ out: append<string>() });
const quick = { graceMs: 100, cleanupMs: 100 };
const hour = 3_600_000;

interface HoldOptions {
  readonly cleanUps?: readonly ((context: CleanUpContext, attempt: number) => unknown)[];
  readonly log: string[];
}

/** A graph whose `hold` has a lock until it is stopped. In the same step `bad` fails when it is told. */
function holding({ log, cleanUps }: HoldOptions, policy: object = {}) {
  const bad = Promise.withResolvers<never>();
  const given = cleanUps ?? [
    ({ effect }: CleanUpContext, attempt: number) =>
      effect('unlock', attempt, (held) => void log.push(`unlock ${held}`)),
    ({ effect }: CleanUpContext, attempt: number) =>
      effect('report', attempt, (held) => void log.push(`report ${held}`)),
  ];
  const made = graph('holding', { state: state() })
    .node('go', () => undefined)
    .node('bad', async ({ out }, { effect }) => {
      if (policy === failing) await effect('bad', out.length, () => bad.promise);
    })
    .node(
      'hold',
      async (_state, { attempt, effect, onStop, sleep }) => {
        for (const cleanUp of given) onStop((context) => cleanUp(context, attempt));
        await effect('lock', attempt, (held) => void log.push(`lock ${held}`));
        if (policy === failing) bad.reject(new Error('bad'));
        try {
          await sleep(hour);
        } finally {
          log.push(`left ${attempt}`);
        }
        return { delta: { out: ['held'] } };
      },
      policy,
    )
    .edge('go', 'bad')
    .edge('go', 'hold')
    .start('go')
    .build();
  return made;
}
const failing = {};

async function journalOf(store: RunStore): Promise<readonly Entry[]> {
  return collected(store.read('r'));
}

async function verdictOf(made: AnyGraph, store: RunStore, mode: 'effects' | 'outputs' = 'effects') {
  const path = join(temporaryFolder(), `${mode}.run.jsonl`);
  await exportRunTo(store, 'r', path);
  const { report } = await replay(made, path, { mode });
  return { verdict: report.verdict, divergences: report.divergences };
}

/** A store whose appends are durable a little later. */
function slowStore(store: RunStore): RunStore {
  return changedStore(store, {
    append: async (...given) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return store.append(...given);
    },
  });
}

async function untilLocked(log: readonly string[]): Promise<void> {
  while (!log.includes('lock 1')) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('an attempt that is stopped', () => {
  it('gets no answer any more that comes while its stop is being written', async () => {
    const answer = Promise.withResolvers<string>();
    const log: string[] = [];
    const made = graph('late', { state: state() })
      .node(
        'hold',
        async (_state, { attempt, effect, onStop }) => {
          onStop(({ effect: perform }) => perform('unlock', attempt, () => 'unlocked'));
          const given = attempt === 1 ? await effect('slow', 1, () => answer.promise) : 'quick';
          log.push(given);
          return { delta: { out: [given] } };
        },
        { timeoutMs: 30, retry: { attempts: 2 } },
      )
      .node('beside', async (_state, { effect }) => {
        for (let call = 0; call < 5; call += 1) await effect('call', call, () => call);
      })
      .node('go', (_state, { goto }) => ({ route: [goto('hold'), goto('beside')] }))
      .start('go')
      .build();
    const store = memoryStore();
    const late = changedStore(store, {
      append: async (lease, entries, ...rest) => {
        if (entries.some(({ kind }) => kind === 'stop')) {
          answer.resolve('late');
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        return store.append(lease, entries, ...rest);
      },
    });
    const engine = createEngine(made, { ...quick, store: late });
    expect(await engine.run({}, { runId: 'r' })).toMatchObject({ status: 'done', state: { out: ['quick'] } });
    await engine.close();
    expect(log).toEqual(['quick']);
    expect((await journalOf(store)).filter((entry) => entry.kind === 'effect' && entry.name === 'slow')).toEqual([]);
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
  });

  it.each(['timeout', 'failure', 'cancel', 'limit'] as const)(
    'cleans up after a %s, the last registered first, and its replay is the same',
    async (why) => {
      const log: string[] = [];
      const made = holding({ log }, why === 'timeout' ? { timeoutMs: 30 } : why === 'failure' ? failing : {});
      const store = memoryStore();
      const engine = createEngine(made, { ...quick, store });
      const running = engine.run({}, { runId: 'r', ...(why === 'limit' ? { timeoutMs: 40 } : {}) });
      await untilLocked(log);
      if (why === 'cancel') await engine.cancel('r', 'enough');
      const run = await running;
      expect(run.status).toBe(why === 'cancel' ? 'cancelled' : 'failed');
      expect(log).toEqual(['lock 1', 'left 1', 'report 1', 'unlock 1']);
      const entries = await journalOf(store);
      const cleaned = entries.filter(({ kind, at }) => kind === 'effect' && at.includes('!'));
      expect(cleaned.map(({ at }) => at)).toEqual(['2.1#1!1', '2.1#1!0']);
      const stops = entries.filter(({ kind }) => kind === 'stop');
      expect(stops).toMatchObject([{ at: '2.1#1', node: 'hold', why }]);
      const isCanonical = canonicalEntries(entries).filter(({ at }) => at.includes('!')).length;
      expect(isCanonical).toBe(why === 'timeout' ? 2 : 0);
      const noted = [...canonicalSteps(entries)].flatMap(({ beside }) => beside);
      expect(noted.filter((entry) => entry.kind === 'note' && entry.what === 'stopped')).toMatchObject([
        { at: '2.1#1', node: 'hold', message: expect.stringContaining('cleaned up with "report", "unlock"') },
      ]);
      for (const mode of ['effects', 'outputs'] as const)
        expect(await verdictOf(made, store, mode)).toEqual({ verdict: 'same', divergences: [] });
      expect(log).toHaveLength(why === 'timeout' || why === 'failure' ? log.length : 4);
      await engine.close();
    },
  );

  it.each([
    ['memory', (): RunStore => memoryStore()],
    ['SQLite', (): RunStore => sqliteStore(join(temporaryFolder(), 'runs.db'))],
    ['a store that takes its time', (): RunStore => slowStore(memoryStore())],
  ] as const)('learns of it once that is in the store: %s', async (_name, make) => {
    let isStored = false;
    const bare = make();
    const store = changedStore(bare, {
      append: (lease, entries, checkpoint) => {
        const stored = (given: CancelRequest | undefined) => {
          isStored ||= entries.some(({ kind }) => kind === 'stop');
          return given;
        };
        const appended = bare.append(lease, entries, checkpoint);
        return appended instanceof Promise ? appended.then(stored) : stored(appended);
      },
    });
    const told: boolean[] = [];
    const made = graph('marked', { state: state() })
      .node(
        'hold',
        async (_state, { onStop, sleep, signal }) => {
          onStop(() => undefined);
          signal.addEventListener('abort', () => told.push(isStored));
          await sleep(hour);
        },
        { timeoutMs: 20 },
      )
      .start('hold')
      .build();
    const engine = createEngine(made, { ...quick, store, durability: 'step' });
    await engine.run({}, { runId: 'r' });
    expect(told).toEqual([true]);
    await engine.close();
  });

  it('cleans up before its next attempt begins, under keys of its own', async () => {
    const log: string[] = [];
    const made = holding({ log }, { timeoutMs: 30, retry: { attempts: 2, delayMs: 0 } });
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    await engine.run({}, { runId: 'r' });
    const once = (attempt: number) => ['lock', 'left', 'report', 'unlock'].map((what) => `${what} ${attempt}`);
    expect(log).toEqual([...once(1), ...once(2)]);
    expect((await verdictOf(made, store)).verdict).toBe('same');
    await engine.close();
  });

  it('starts nothing of a clean-up that is not needed', async () => {
    const log: string[] = [];
    const made = graph('calm', { state: state() })
      .node('calm', (_state, { onStop }) => {
        onStop(() => log.push('stopped'));
        return { delta: { out: ['done'] } };
      })
      .node('throws', (_state, { onStop }) => {
        onStop(() => log.push('stopped'));
        throw new Error('no');
      })
      .edge('calm', 'throws')
      .start('calm')
      .build();
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    expect((await engine.run({}, { runId: 'r' })).status).toBe('failed');
    expect(log).toEqual([]);
    expect((await journalOf(store)).some(({ kind }) => kind === 'stop')).toBe(false);
    await engine.close();
  });

  it('writes nothing where nothing is registered', async () => {
    const store = memoryStore();
    const engine = createEngine(holding({ log: [], cleanUps: [] }, { timeoutMs: 20 }), { ...quick, store });
    await engine.run({}, { runId: 'r' });
    expect((await journalOf(store)).some(({ kind }) => kind === 'stop')).toBe(false);
    await engine.close();
  });

  it('goes to its error handler once it has cleaned up', async () => {
    const log: string[] = [];
    const made = graph('handled', { state: state(), inputs: { rescue: failure() } })
      .node(
        'hold',
        async (_state, { effect, onStop, sleep }) => {
          onStop(() => effectless(log));
          await effect('lock', 1, () => void log.push('lock'));
          await sleep(hour);
        },
        { timeoutMs: 20, onError: 'rescue' },
      )
      .node('rescue', (_state, { input }) => {
        log.push('rescue');
        return { delta: { out: [input.node] } };
      })
      .start('hold')
      .build();
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    const run = await engine.run({}, { runId: 'r' });
    expect([run.status, log]).toEqual(['done', ['lock', 'cleaned', 'rescue']]);
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
    await engine.close();
  });
});

function effectless(log: string[]): void {
  log.push('cleaned');
}

describe('a function that cleans up', () => {
  it('may throw: that is a note, and the others run', async () => {
    const log: string[] = [];
    const cleanUps: HoldOptions['cleanUps'] = [
      ({ effect }) => effect('unlock', 1, () => void log.push('unlock')),
      () => {
        throw new Error('broken');
      },
    ];
    const made = holding({ log, cleanUps }, { timeoutMs: 20 });
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    const run = await engine.run({}, { runId: 'r' });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'node-timeout' } });
    expect(run.notes).toMatchObject([{ kind: 'clean-up-failed', at: '2.1#1!1', node: 'hold' }]);
    expect(log).toContain('unlock');
    expect((await verdictOf(made, store)).verdict).toBe('same');
    await engine.close();
  });

  it('may never end: it has its time, its signal aborts, and what it tries then is refused', async () => {
    const log: string[] = [];
    const late = Promise.withResolvers<unknown>();
    const cleanUps: HoldOptions['cleanUps'] = [
      ({ effect }) => effect('unlock', 1, () => void log.push('unlock')),
      async ({ effect, signal, sleep }) => {
        await effect('asked', 1, () => 1);
        const endless = effect('endless', 1, () => new Promise<number>(() => undefined));
        await endless.catch((error: Error) => log.push(`${signal.aborted} ${error.message}`));
        await sleep(1).catch((error: { code?: string }) => late.resolve(error.code));
      },
    ];
    const made = holding({ log, cleanUps }, { timeoutMs: 20 });
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    const run = await engine.run({}, { runId: 'r' });
    expect(run.notes).toMatchObject([{ kind: 'clean-up-timeout', at: '2.1#1!1' }]);
    expect(log.slice(2).toSorted()).toEqual(['true the clean-up took longer than its 100 ms', 'unlock']);
    expect(await late.promise).toBe('task-detached');
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
    await engine.close();
  });

  it('cannot ask, and is no node', async () => {
    let names: readonly string[] = [];
    const cleanUps: HoldOptions['cleanUps'] = [
      (context) => {
        names = ['ask', 'emit', 'stream', 'receive', 'onStop', 'now'].filter((name) => name in context);
      },
    ];
    const engine = createEngine(holding({ log: [], cleanUps }, { timeoutMs: 20 }), quick);
    await engine.run({}, { runId: 'r' });
    expect(names).toEqual([]);
    await engine.close();
  });

  it('is refused once its attempt is stopped', async () => {
    const refused = Promise.withResolvers<unknown>();
    const made = graph('late', { state: state() })
      .node(
        'hold',
        async (_state, { onStop, sleep }) => {
          onStop(() => undefined);
          await sleep(hour).catch(() => undefined);
          try {
            onStop(() => undefined);
          } catch (error) {
            refused.resolve(error);
          }
        },
        { timeoutMs: 20 },
      )
      .start('hold')
      .build();
    const engine = createEngine(made, quick);
    await engine.run({}, { runId: 'r' });
    expect(await refused.promise).toMatchObject({ code: 'task-detached' });
    await engine.close();
  });

  it('sends requests of unchanged code, which are recorded as its own and replayed', async () => {
    const log: string[] = [];
    await using server = await LoopbackServer.start((_request, response) => {
      log.push('released');
      response.end('ok');
    });
    const cleanUps: HoldOptions['cleanUps'] = [
      async () => {
        const answer = await fetch(`${server.url}/release`, { method: 'POST', body: 'lock 1' });
        log.push(await answer.text());
      },
    ];
    const made = holding({ log, cleanUps }, { timeoutMs: 20 });
    const store = memoryStore();
    const engine = createEngine(made, { graceMs: 100, cleanupMs: 2_000, store, effects: [httpEffects()] });
    await engine.run({}, { runId: 'r' });
    const sent = (await journalOf(store)).filter((entry) => entry.kind === 'effect' && entry.type === 'http');
    expect(sent).toMatchObject([{ at: '2.1#1!0' }]);
    await engine.close();
    log.length = 0;
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
    expect(log.filter((what) => what === 'released')).toEqual([]);
  });

  it('is compared in a replay: what it asks for otherwise, or no more, is a divergence', async () => {
    const log: string[] = [];
    const made = (name: string, request: number) =>
      holding({ log, cleanUps: [({ effect }) => effect(name, request, () => undefined)] }, { timeoutMs: 20 });
    const store = memoryStore();
    const engine = createEngine(made('unlock', 1), { ...quick, store });
    await engine.run({}, { runId: 'r' });
    await engine.close();
    const kindsOf = async (now: AnyGraph) =>
      (await verdictOf(now, store)).divergences.map(({ at, kind }) => `${at} ${kind}`);
    expect(await kindsOf(made('unlock', 2))).toEqual(['2.1#1!0 request']);
    expect(await kindsOf(made('other', 1))).toEqual(['2.1#1!0 missing effect']);
    expect(await kindsOf(holding({ log, cleanUps: [] }, { timeoutMs: 20 }))).toEqual(['2.1#1!0 unused effect']);
  });
});

describe('a clean-up that its process leaves', () => {
  /** Its engine is closed while `report` is in flight, for as often as `left` says. */
  async function leftRun(log: string[]) {
    const store = keptStore(memoryStore());
    let closed: Promise<void> | undefined;
    let engine: { close(): Promise<void> } | undefined;
    let left = 1;
    const cleanUps: HoldOptions['cleanUps'] = [
      ({ effect }) => effect('unlock', 1, () => void log.push('unlock')),
      ({ effect }) =>
        effect('report', 1, async () => {
          log.push('report');
          left -= 1;
          if (left < 0) return;
          closed = engine?.close();
          await new Promise(() => undefined);
        }),
      ({ effect }) => effect('first', 1, () => void log.push('first')),
    ];
    const made = holding({ log, cleanUps }, { timeoutMs: 20 });
    const first = createEngine(made, { ...quick, store });
    engine = first;
    const run = await first.run({}, { runId: 'r' });
    await closed;
    expect(run.status).toBe('interrupted');
    return { store, made };
  }

  it('is finished by the next one, and what it had done is not done again', async () => {
    const log: string[] = [];
    const { store, made } = await leftRun(log);
    const next = createEngine(made, { ...quick, store });
    expect((await next.resume('r')).status).toBe('failed');
    await next.close();
    expect(log).toEqual(['lock 1', 'left 1', 'first', 'report', 'left 1', 'report', 'unlock']);
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
  });

  it('is finished before a cancel that comes meanwhile', async () => {
    const log: string[] = [];
    const { store, made } = await leftRun(log);
    expect(await cancelStoredRun(store, 'r', 'enough')).toBe(true);
    expect((await store.find('r'))?.status).toBe('interrupted');
    const next = createEngine(made, { ...quick, store });
    const run = await next.resume('r');
    await next.close();
    expect(run).toMatchObject({ status: 'cancelled', reason: 'enough' });
    expect(log.slice(-2)).toEqual(['report', 'unlock']);
    expect((await verdictOf(made, store)).verdict).toBe('same');
  });
});

describe('a failed run that is resumed', () => {
  it('cleans up once more after what was stopped with it, if that is stopped again', async () => {
    const log: string[] = [];
    const store = keptStore(memoryStore());
    let locked = Promise.withResolvers<void>();
    const made = graph('again', { state: state() })
      .node('go', () => undefined)
      .node('bad', async (_state, { attempt, effect }) => {
        await effect('wait', attempt, () => locked.promise);
        if (attempt < 3) throw new Error('bad');
        return { delta: { out: ['good'] } };
      })
      .node('hold', async (_state, { attempt, effect, onStop, sleep }) => {
        onStop(({ effect }) => effect('unlock', attempt, () => void log.push('unlock')));
        await effect('lock', attempt, () => void log.push('lock'));
        locked.resolve();
        await sleep(50);
        return { delta: { out: ['held'] } };
      })
      .edge('go', 'bad')
      .edge('go', 'hold')
      .start('go')
      .build();
    const drive = async (isFirst: boolean) => {
      locked = Promise.withResolvers();
      const engine = createEngine(made, { ...quick, store });
      const run = await (isFirst ? engine.run({}, { runId: 'r' }) : engine.resume('r'));
      await engine.close();
      return run;
    };
    expect((await drive(true)).status).toBe('failed');
    expect((await drive(false)).status).toBe('failed');
    expect(await drive(false)).toMatchObject({ status: 'done', state: { out: ['good', 'held'] } });
    expect(log).toEqual(['lock', 'unlock', 'unlock']);
    const entries = await journalOf(store);
    expect(canonicalEntries(entries).some(({ at }) => at.includes('!'))).toBe(false);
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
  });
});

describe('a subgraph whose attempt is stopped', () => {
  const nested = (log: string[], outer: object) => {
    const inner = graph('inner', { state: state() })
      .node('begin', () => ({ delta: { out: ['begun'] } }))
      .node('hold', async (_state, { effect, onStop, sleep }) => {
        onStop(async ({ effect }) => {
          await effect('unlock', 1, () => void log.push('unlock'));
        });
        await effect('lock', 1, () => void log.push('lock 1'));
        await sleep(hour);
      })
      .edge('begin', 'hold')
      .start('begin')
      .build();
    return graph('outer', { state: state() })
      .subgraph('inner', inner, { input: () => ({}), output: ({ out }) => ({ out }) }, outer)
      .node('after', () => ({ delta: { out: ['after'] } }))
      .edge('inner', 'after')
      .start('inner')
      .build();
  };

  it.each(['timeout', 'cancel'] as const)('waits for the clean-up of its inner attempts: %s', async (why) => {
    const log: string[] = [];
    const made = nested(log, why === 'timeout' ? { timeoutMs: 40 } : {});
    const store = memoryStore();
    const engine = createEngine(made, { ...quick, store });
    const running = engine.run({}, { runId: 'r' });
    await untilLocked(log);
    if (why === 'cancel') await engine.cancel('r');
    const run = await running;
    expect([run.status, log]).toEqual([why === 'cancel' ? 'cancelled' : 'failed', ['lock 1', 'unlock']]);
    const entries = await journalOf(store);
    const stops = entries.flatMap((entry) => (entry.kind === 'stop' ? [`${entry.at} ${entry.why}`] : []));
    expect(stops.toSorted()).toEqual([`1.0#1 ${why}`, `1.0#1/2.0#1 ${why}`]);
    const order = entries.map(({ kind, at }) => `${kind} ${at}`);
    if (why === 'timeout') expect(order.indexOf('effect 1.0#1/2.0#1!0')).toBeLessThan(order.indexOf('outcome 1.0#1'));
    // Nothing of an inner run counts whose attempt timed out.
    expect(canonicalEntries(entries).some(({ at }) => at.includes('!'))).toBe(false);
    expect(await verdictOf(made, store)).toEqual({ verdict: 'same', divergences: [] });
    await engine.close();
  });
});
