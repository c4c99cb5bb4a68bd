// Promises that engines of this kind make and break, each a test of that name, on both stores, with one task at a time
// and with eight.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  append,
  createEngine,
  failure,
  fields,
  graph,
  input,
  last,
  memoryStore,
  reduce,
  sum,
  text,
} from '../../src/index.ts';
import type { AnyGraph, EngineOptions, RepriseError, Run, RunOptions, RunStore } from '../../src/index.ts';
import { canonicalEntries } from '../../src/journal/run/canonical.ts';
import type { Entry } from '../../src/journal/entry.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { sqliteStore } from '../../src/store/sqlite/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { nextTurn, settled, turns } from '../support/manual-clock.ts';

const folder = sharedFolder();
let storeCount = 0;

const stores: Readonly<Record<string, () => RunStore>> = {
  memory: memoryStore,
  SQLite: () => {
    storeCount += 1;
    return sqliteStore(join(folder, `${storeCount}.db`));
  },
};
const worlds = Object.keys(stores).flatMap((store) => [1, 8].map((maxConcurrent) => ({ store, maxConcurrent })));

describe.each(worlds)('on $store, $maxConcurrent at once', ({ store, maxConcurrent }) => {
  const newStore = (): RunStore => (stores[store] as () => RunStore)();

  async function run(
    built: AnyGraph,
    given: object = {},
    options: RunOptions = {},
    engineOptions: EngineOptions = {},
  ): Promise<Run<never>> {
    await using engine = createEngine(built, { store: newStore(), maxConcurrent, ...engineOptions });
    return (await engine.run(given, options)) as Run<never>;
  }

  async function journal(built: AnyGraph, given: object = {}): Promise<readonly Entry[]> {
    const kept = newStore();
    await using engine = createEngine(built, { store: kept, maxConcurrent });
    await engine.run(given, { runId: 'run', seed: 'seed' });
    return canonicalEntries(await collected(kept.read('run')));
  }

  it('in a chain every node sees the state merged so far', async () => {
    const chain = graph('chain', { state: fields({ seen: append<number>(), count: sum() }) })
      .node('a', (state) => ({ delta: { seen: [state.count], count: 1 } }))
      .node('b', async (state) => ({ delta: { seen: [state.count], count: 1 } }))
      .node('c', (state) => ({ delta: { seen: [state.count], count: 1 } }))
      .edge('a', 'b')
      .edge('b', 'c')
      .start('a')
      .build();
    expect((await run(chain)).state).toEqual({ seen: [0, 1, 2], count: 3 });
  });

  it('a loop on state ends', async () => {
    const loop = graph('loop', { state: fields({ count: sum() }) })
      .node('again', async () => ({ delta: { count: 1 } }))
      .edge('again', 'again', { when: (state) => state.count < 7 })
      .start('again')
      .build();
    expect((await run(loop)).state).toEqual({ count: 7 });
  });

  it('an edge predicate sees the state after the delta', async () => {
    const after = graph('after', { state: fields({ mood: last('low'), way: text() }) })
      .node('a', () => ({ delta: { mood: 'high' } }))
      .node('high', () => ({ delta: { way: 'high' } }))
      .node('low', () => ({ delta: { way: 'low' } }))
      .edge('a', 'high', { when: (state) => state.mood === 'high' })
      .edge('a', 'low', { when: (state) => state.mood === 'low' })
      .start('a')
      .build();
    expect((await run(after)).state).toEqual({ mood: 'high', way: 'high' });
  });

  it('a join runs once, on the merged state; joins of branches of different lengths wait for all', async () => {
    const joined = graph('joined', { state: fields({ log: append<string>(), joins: append<number>() }) })
      .node('begin', (_state, { goto }) => ({ route: [goto('short'), goto('long')] }))
      .node('short', async () => ({ delta: { log: ['short'] } }))
      .node('long', async () => ({ delta: { log: ['long'] } }))
      .node('longer', async () => ({ delta: { log: ['longer'] } }))
      .node('together', (state) => ({ delta: { joins: [state.log.length] } }))
      .edge('long', 'longer')
      .join(['short', 'longer'], 'together')
      .start('begin')
      .build();
    expect((await run(joined)).state).toEqual({ log: ['short', 'long', 'longer'], joins: [3] });
  });

  it('the merge order is the declared order; renaming a node changes no order', async () => {
    const fan = (begin: string, names: readonly string[]): AnyGraph => {
      const state = fields({ log: append<number>() });
      let builder = graph('fan', { state }).node(begin, () => {}) as never as LooseBuilder;
      for (const [index, name] of names.entries()) {
        builder = builder.node(name, async () => {
          await turns((names.length - index) * 2);
          return { delta: { log: [index] } };
        });
      }
      for (const name of names) builder = builder.edge(begin, name);
      return builder.start(begin).build();
    };
    expect((await run(fan('start', ['n10', 'n2', 'n1', 'z']))).state).toEqual({ log: [0, 1, 2, 3] });
    expect((await run(fan('Begin', ['b', 'a', 'd', 'c']))).state).toEqual({ log: [0, 1, 2, 3] });
  });

  it('random draws differ by visit, sibling and attempt, and repeat for the same seed', async () => {
    const drawing = graph('drawing', { state: fields({ draws: append<number>() }), inputs: { draw: input<number>() } })
      .node('begin', (_state, { send }) => ({ route: [send('draw', 1), send('draw', 2)] }))
      .node(
        'draw',
        (_state, { random, attempt, emit }) => {
          const drawn = random();
          emit('drawn', drawn);
          if (attempt === 1) throw new Error('once more');
          return { delta: { draws: [drawn] } };
        },
        { retry: { attempts: 2 } },
      )
      .edge('draw', 'begin', { when: (state) => state.draws.length < 4 })
      .start('begin')
      .build();
    const drawn = (entries: readonly Entry[]): unknown[] =>
      entries.flatMap((entry) => (entry.kind === 'event' ? [entry.data] : []));
    const first = drawn(await journal(drawing));
    expect(first).toHaveLength(8);
    expect(new Set(first).size).toBe(8);
    expect(drawn(await journal(drawing))).toEqual(first);
  });

  it('with several failing branches, the error is the same in every schedule, and its causes are kept', async () => {
    for (const delays of [
      [5, 3, 1],
      [1, 3, 5],
      [3, 1, 5],
    ]) {
      const failing = graph('failing', { state: fields({ n: sum() }), inputs: { fail: input<number>() } })
        .node('begin', (_state, { send }) => ({ route: delays.map((_delay, index) => send('fail', index)) }))
        .node('fail', async (_state, { input: which }) => {
          await turns(delays[which] as number);
          throw Object.assign(new Error(`branch ${which}`, { cause: new Error('the reason') }), { code: `E${which}` });
        })
        .start('begin')
        .build();
      const failed = await run(failing);
      expect(failed.status).toBe('failed');
      if (failed.status !== 'failed') continue;
      const cause = failed.error.cause as Error & { code: string };
      expect(failed.error.fields).toMatchObject({ task: '2.0', node: 'fail' });
      expect([cause.message, cause.code, (cause.cause as Error).message]).toEqual(['branch 0', 'E0', 'the reason']);
    }
  });

  it('any real run replays; strict replay never calls the outside', async () => {
    let calls = 0;
    const calling = graph('calling', { state: fields({ answers: append<string>() }), inputs: { ask: input<string>() } })
      .node('begin', (_state, { send }) => ({ route: [send('ask', 'a'), send('ask', 'b')] }))
      .node('ask', async (_state, { input: what, effect }) => {
        const answer = await effect('ask', what, async (asked) => {
          calls += 1;
          if (asked === 'b') throw new Error('no answer');
          return asked.toUpperCase();
        }).catch((error: Error) => error.message);
        return { delta: { answers: [answer] } };
      })
      .start('begin')
      .build();
    const kept = newStore();
    await using engine = createEngine(calling, { store: kept, maxConcurrent });
    await engine.run({}, { runId: 'run' });
    const path = await exportRunTo(kept, 'run', `${folder}/replayed/`, { force: true });
    expect(calls).toBe(2);
    const { run: replayed, report } = await replay(calling, path);
    expect([report.verdict, replayed.state.answers, calls]).toEqual(['same', ['A', 'no answer'], 2]);
  });

  it('a state that a node mutates in place is an error that names the node', async () => {
    const mutating = graph('mutating', { state: fields({ list: append<number>() }) })
      .node('culprit', (state) => {
        state.list.push(4);
      })
      .start('culprit')
      .build();
    const failed = await run(mutating, { list: [1] });
    expect(failed.status === 'failed' && [failed.error.code, failed.error.fields.node]).toEqual([
      'state-mutated',
      'culprit',
    ]);
  });

  it("a stored state never changes afterwards; the caller's input is never mutated", async () => {
    const given = { record: { a: 1, list: [1] } };
    const keeping = graph('keeping', {
      state: fields({ record: last<{ a: number; list: number[] }>(), seen: append<number>() }),
    })
      .node('look', async (state) => {
        await turns(5);
        return { delta: { seen: [state.record.a] } };
      })
      .start('look')
      .build();
    const kept = newStore();
    await using engine = createEngine(keeping, { store: kept, maxConcurrent });
    const running = engine.run(given, { runId: 'run' });
    given.record.a = 2;
    given.record.list.push(2);
    const done = await running;
    expect(done.state).toEqual({ record: { a: 1, list: [1] }, seen: [1] });
    expect(Object.isFrozen(given.record)).toBe(false);
    expect(Object.isFrozen(done.state.record.list)).toBe(true);
  });

  it('a cancel in the middle of a fan-out ends `cancelled`, never done; no task, timer or handle is left', async () => {
    const timerCount = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timerCount();
    const waiting = graph('waiting', { state: fields({ n: sum() }), inputs: { wait: input<number>() } })
      .node('begin', (_state, { send }) => ({
        route: Array.from({ length: 6 }, (_unused, index) => send('wait', index)),
      }))
      .node('wait', async (_state, { sleep }) => {
        await sleep(60_000);
        return { delta: { n: 1 } };
      })
      .start('begin')
      .build();
    const controller = new AbortController();
    void settled().then(() => controller.abort('enough'));
    const cancelled = await run(waiting, {}, { signal: controller.signal, timeoutMs: 50_000 });
    expect(cancelled).toMatchObject({ status: 'cancelled', reason: 'enough', state: { n: 0 }, detached: [] });
    // One of the process itself may have come, and is soon gone.
    await expect.poll(timerCount).toBeLessThanOrEqual(before);
  });

  it('a task that ignores its signal is named, is refused all effects, and delays the run no longer than the grace period', async () => {
    let refused: unknown;
    let finish: () => void = () => undefined;
    const stubborn = graph('stubborn', { state: fields({ n: sum() }) })
      .node(
        'stubborn',
        async (_state, { effect }) => {
          await new Promise<void>((resolve) => {
            finish = resolve;
          });
          await effect('late', 1, () => 1).catch((error: unknown) => {
            refused = error;
          });
        },
        { timeoutMs: 5 },
      )
      .start('stubborn')
      .build();
    const failed = await run(stubborn, {}, {}, { graceMs: 10 });
    expect(failed).toMatchObject({ status: 'failed', detached: ['1.0'] });
    finish();
    await settled();
    expect((refused as RepriseError).code).toBe('task-detached');
  });

  it('two runs on one engine do not affect each other; using a run id twice is an error, not a second run', async () => {
    const counting = graph('counting', { state: fields({ name: last<string>(), log: append<string>() }) })
      .node('again', async (state) => {
        await nextTurn();
        return { delta: { log: [`${state.name}${state.log.length}`] } };
      })
      .edge('again', 'again', { when: (state) => state.log.length < 5 })
      .start('again')
      .build();
    await using engine = createEngine(counting, { store: newStore(), maxConcurrent });
    const first = engine.run({ name: 'a' }, { runId: 'one' });
    const second = engine.run({ name: 'b' }, { runId: 'two' });
    await expect(engine.run({ name: 'c' }, { runId: 'one' })).rejects.toMatchObject({ code: 'run-exists' });
    const attached = engine.run({ name: 'a' }, { runId: 'one', onExisting: 'attach' });
    expect((await first).state.log).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
    expect((await second).state.log).toEqual(['b0', 'b1', 'b2', 'b3', 'b4']);
    expect((await attached).state.name).toBe('a');
    expect((await engine.run({ name: 'a' }, { runId: 'one', onExisting: 'attach' })).state).toEqual(
      (await first).state,
    );
  });

  it('a base delay of 0, no timeout, and a single attempt all work', async () => {
    let attempts = 0;
    const trying = graph('trying', { state: fields({ n: sum() }) })
      .node(
        'try',
        () => {
          attempts += 1;
          if (attempts < 3) throw new Error('not yet');
          return { delta: { n: attempts } };
        },
        { retry: { attempts: 3, delayMs: 0 } },
      )
      .node('once', () => ({ delta: { n: 1 } }), { retry: { attempts: 1 } })
      .edge('try', 'once')
      .start('try')
      .build();
    expect((await run(trying)).state).toEqual({ n: 4 });
  });

  it('a failure goes to the node that `onError` names, with the error in its input', async () => {
    const rescued = graph('rescued', { state: fields({ log: append<string>() }), inputs: { rescue: failure() } })
      .node(
        'fail',
        () => {
          throw Object.assign(new Error('broken'), { code: 'EBROKEN' });
        },
        { onError: 'rescue', retry: { attempts: 2 } },
      )
      .node('rescue', (_state, { input: failed }) => ({
        delta: { log: [`${failed.node} ${failed.code} ${failed.message} ${failed.attempts}`] },
      }))
      .start('fail')
      .build();
    expect((await run(rescued)).state).toEqual({ log: ['fail EBROKEN broken 2'] });
  });

  it.each([
    ['a text', 'a text', { thrown: 'a text' }],
    ['undefined', undefined, {}],
    ['a cyclic object', cyclic(), {}],
  ])('a node that throws %s fails its task properly', async (_name, thrown, kept) => {
    const throwing = graph('throwing', { state: fields({ n: sum() }) })
      .node('throw', () => {
        throw thrown;
      })
      .start('throw')
      .build();
    const failed = await run(throwing);
    expect(failed.status === 'failed' && failed.error.code).toBe('node-failed');
    expect(failed.status === 'failed' && failed.error.cause).toMatchObject({ name: 'NonError', ...kept });
  });

  it('a conflict names both tasks, the field and both values', async () => {
    const conflicting = graph('conflicting', { state: fields({ one: last('') }), inputs: { write: input<string>() } })
      .node('begin', (_state, { send }) => ({ route: [send('write', 'x'), send('write', 'y')] }))
      .node('write', (_state, { input: what }) => ({ delta: { one: what } }))
      .start('begin')
      .build();
    const failed = await run(conflicting);
    expect(failed.status === 'failed' && failed.error).toMatchObject({
      code: 'conflict',
      fields: { field: 'one', tasks: ['2.0', '2.1'], values: ['x', 'y'] },
    });
    expect(failed.steps).toBe(1);
  });
});

describe('independent of stores', () => {
  it('a fan-out wider than every limit completes; 10,000 sends in one step work', async () => {
    const wide = graph('wide', {
      state: fields({
        n: sum(),
        order: reduce<number>((count, index: number) => (count === index ? count + 1 : -1), 0),
      }),
      inputs: { one: input<number>() },
    })
      .node('begin', (_state, { send }) => ({
        route: Array.from({ length: 10_000 }, (_unused, index) => send('one', index)),
      }))
      .node('one', async (_state, { input: index }) => ({ delta: { n: 1, order: index } }), { maxConcurrent: 3 })
      .start('begin')
      .build();
    await using engine = createEngine(wide, { maxConcurrent: 5 });
    expect(await engine.run({}).orThrow()).toEqual({ n: 10_000, order: 10_000 });
  });

  it('never runs more tasks at once than the limits of the run and of the node allow', async () => {
    let running = 0;
    let most = 0;
    const limited = graph('limited', { state: fields({ n: sum() }), inputs: { one: input<number>() } })
      .node('begin', (_state, { send }) => ({
        route: Array.from({ length: 20 }, (_unused, index) => send('one', index)),
      }))
      .node(
        'one',
        async () => {
          running += 1;
          most = Math.max(most, running);
          await nextTurn();
          running -= 1;
        },
        { maxConcurrent: 3 },
      )
      .start('begin')
      .build();
    await using engine = createEngine(limited, { maxConcurrent: 8 });
    await engine.run({}).orThrow();
    expect(most).toBe(3);
  });

  it.each<[string, () => unknown]>([
    ['maxConcurrent', () => createEngine(empty, { maxConcurrent: 0 })],
    ['maxSteps', () => createEngine(empty, { maxSteps: 1.5 })],
    ['graceMs', () => createEngine(empty, { graceMs: -1 })],
    ['a misspelt option', () => createEngine(empty, { maxConcurent: 2 } as never)],
    ['a store that is none', () => createEngine(empty, { store: {} as never })],
    ['attempts', () => graph('g', { state: fields({}) }).node('a', () => {}, { retry: { attempts: 0 } })],
    ['timeoutMs', () => graph('g', { state: fields({}) }).node('a', () => {}, { timeoutMs: 0 })],
    ['runId', () => createEngine(empty).run({}, { runId: '' })],
    ['onExisting', () => createEngine(empty).run({}, { onExisting: 'ignore' as never })],
  ])('an invalid option throws when it is given: %s', async (_name, give) => {
    await expect((async () => give())()).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('events are delivered as they come, or at the commit in canonical order, without those of void attempts', async () => {
    const arrival: string[] = [];
    const canonical: string[] = [];
    const { promise: othersTold, resolve: letOnes } = Promise.withResolvers<void>();
    const telling = graph('telling', { state: fields({ n: sum() }), inputs: { tell: input<number>() } })
      .node('begin', (_state, { send }) => ({ route: [send('tell', 0), send('tell', 1)] }))
      .node(
        'tell',
        async (_state, { input: which, emit, attempt }) => {
          if (which === 0) await othersTold;
          emit('told', `${which} in attempt ${attempt}`);
          if (which === 1 && attempt === 2) setImmediate(letOnes);
          if (which === 1 && attempt === 1) throw new Error('once more');
        },
        { retry: { attempts: 2 } },
      )
      .start('begin')
      .build();
    await using engine = createEngine(telling, {
      events: [
        { deliver: ({ key, data }) => arrival.push(`${key} ${String(data)}`) },
        { order: 'canonical', deliver: ({ key, node, data }) => canonical.push(`${key} ${node} ${String(data)}`) },
        {
          deliver: () => {
            throw new Error('a sink that fails');
          },
        },
      ],
    });
    expect((await engine.run({})).status).toBe('done');
    expect(arrival).toEqual(['2.1#1 1 in attempt 1', '2.1#2 1 in attempt 2', '2.0#1 0 in attempt 1']);
    expect(canonical).toEqual(['2.0#1 tell 0 in attempt 1', '2.1#2 tell 1 in attempt 2']);
  });

  it('an unhandled rejection inside a node is reported with its task', async () => {
    const careless = graph('careless', { state: fields({ n: sum() }) })
      .node('careless', async () => {
        void Promise.reject(new Error('nobody looked'));
        await turns(2);
      })
      .start('careless')
      .build();
    await using engine = createEngine(careless);
    const done = await engine.run({});
    expect(done.status).toBe('done');
    expect(done.notes).toEqual([
      { kind: 'unhandled-rejection', at: '1.0#1', node: 'careless', message: 'Error: nobody looked' },
    ]);
  });

  it('an interrupted run resumes where it stopped, and requests nothing twice', async () => {
    const calls: string[] = [];
    let engine = createEngine(
      long(calls, () => void engine.close()),
      { store: sqliteStore(join(folder, 'resume.db')) },
    );
    const first = await engine.run({}, { runId: 'long', seed: 'seed' });
    expect(first.status).toBe('interrupted');
    engine = createEngine(
      long(calls, () => undefined),
      { store: sqliteStore(join(folder, 'resume.db')) },
    );
    const second = await engine.resume('long');
    await engine.close();
    expect(second).toMatchObject({ status: 'done', state: { log: ['a', 'b', 'c'] } });
    expect(calls).toEqual(['a', 'b', 'c']);
  });
});

function long(calls: string[], afterB: () => void): AnyGraph {
  return graph('long', { state: fields({ log: append<string>() }), inputs: { ask: input<string>() } })
    .node('begin', (_state, { send }) => ({ route: [send('ask', 'a'), send('ask', 'b'), send('ask', 'c')] }))
    .node('ask', async (_state, { input: what, effect, sleep }) => {
      if (what === 'c') await sleep(30);
      const answer = await effect('ask', what, async (asked) => {
        calls.push(asked);
        return asked;
      });
      if (what === 'b') setTimeout(afterB, 5);
      if (what !== 'c') await sleep(10);
      return { delta: { log: [answer] } };
    })
    .start('begin')
    .build();
}

const empty = graph('empty', { state: fields({}) })
  .node('a', () => {})
  .start('a')
  .build();

interface LooseBuilder {
  node(name: string, run: unknown): LooseBuilder;
  edge(from: string, to: string): LooseBuilder;
  start(name: string): LooseBuilder;
  build(): AnyGraph;
}

function cyclic(): object {
  const object: { self?: object } = {};
  object.self = object;
  return object;
}
