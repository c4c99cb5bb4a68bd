// `context.race`: who won is the world's decision, and nothing that a loser does afterwards changes anything.
import { setTimeout as wait } from 'node:timers/promises';
import { append, createEngine, fields, graph, last, memoryStore } from '../../../src/index.ts';
import type { AnyGraph, RunStore } from '../../../src/index.ts';
import { digestOf } from '../../../src/base/digest.ts';
import { drawStream } from '../../../src/base/draw.ts';
import { Exploration } from '../../../src/explore/run/exploration.ts';
import { explore } from '../../../src/explore/explore.ts';
import { fixtureSubject } from '../../../src/explore/subject/fixture-subject.ts';
import { searchStrategy } from '../../../src/explore/strategy/random.ts';
import { installAmbientReads } from '../../../src/live/ambient/ambient-reads.ts';
import { watchWork } from '../../../src/live/event-loop/node-work.ts';
import { installNodeTimers } from '../../../src/live/timers/node-timers.ts';
import { ReplaySeal } from '../../../src/replay/session/replay-seal.ts';
import type { NodeContext } from '../../../src/graph/types/context-types.ts';
import type { EffectEntry, Entry, RunEntry } from '../../../src/journal/entry.ts';
import { exportRun } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { describe, expect, it } from 'vitest';
import { keptStore } from '../../support/changed-store.ts';
import { fileOf } from '../../support/fixture-file.ts';
import { collected } from '../../support/journals.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = process.env.REPRISE_TEST_SEED ?? '20261129';

type Context = NodeContext<undefined, Readonly<Record<never, never>>>;
type Code = (context: Context) => Promise<unknown>;

function ofNode(code: Code, options: { readonly attempts?: number } = {}): AnyGraph {
  return graph('racing', { state: fields({ got: last<unknown>(null), end: last('') }) })
    .node(
      'n',
      async (_state, context) => ({ delta: { got: await code(context) } }),
      options.attempts === undefined ? {} : { retry: { attempts: options.attempts } },
    )
    .node('after', async (_state, { effect }) => ({ delta: { end: await effect('end', null, () => 'end') } }))
    .edge('n', 'after')
    .start('n')
    .build();
}

interface Recorded {
  readonly store: RunStore;
  readonly state: unknown;
  readonly entries: readonly Entry[];
}

async function recorded(made: AnyGraph): Promise<Recorded> {
  const store = keptStore(memoryStore());
  await using engine = createEngine(made, { store });
  const { state } = await engine.run({} as never, { runId: 'run', seed: 'race' });
  return { store, state, entries: await collected(store.read('run', 0)) };
}

const fixtureOf = async (store: RunStore, options: { readonly observed?: boolean } = {}): Promise<string> =>
  fileOf(Buffer.concat(await collected(exportRun(store, 'run', options))));

const racesOf = (entries: readonly Entry[]): readonly EffectEntry[] =>
  entries.filter((entry): entry is EffectEntry => entry.kind === 'effect' && entry.type === 'race');
const winnersOf = (entries: readonly Entry[]): readonly unknown[] =>
  racesOf(entries).map(({ outcome }) => (outcome.kind === 'value' ? outcome.value : outcome.kind));

async function cutOff(entries: readonly Entry[], count: number): Promise<RunStore> {
  const store = keptStore(memoryStore());
  const lease = await store.create(entries[0] as RunEntry);
  await store.append(lease, entries.slice(1, count));
  await store.release(lease);
  return store;
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

describe('a branch that has lost', () => {
  it('is told, and changes nothing any more', async () => {
    const told: unknown[] = [];
    const made = ofNode(async ({ race, effect, emit, sleep, now, uuid }) => {
      const { branch, value } = await race('answer', {
        slow: async (signal) => {
          const asked = effect('slow', null, async (_request, call) => {
            await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
            told.push(['performing', codeOf(call.signal.reason)]);
          });
          told.push(['waiting', await asked.catch(codeOf)], ['signal', codeOf(signal.reason)]);
          for (const attempt of [() => emit('late'), () => now(), () => uuid()])
            try {
              attempt();
            } catch (refused) {
              told.push(codeOf(refused));
            }
          told.push(await effect('later', null, () => 'performed').catch(codeOf), await sleep(1).catch(codeOf));
          told.push(await race('inner', { only: () => 1 }).catch(codeOf));
          return 'slow';
        },
        fast: async () => effect('fast', null, () => 'fast'),
      });
      await wait(2);
      return [branch, value];
    });
    const { entries, state, store } = await recorded(made);
    expect(state).toMatchObject({ got: ['fast', 'fast'] });
    const lost = 'race-lost';
    expect(told).toEqual([
      ['performing', lost],
      ['waiting', lost],
      ['signal', lost],
      ...Array.from({ length: 6 }, () => lost),
    ]);
    const effects = entries.filter((entry): entry is EffectEntry => entry.kind === 'effect');
    expect(effects.map(({ type, name, task }) => [type, name, task])).toEqual([
      ['call', 'fast', 'answer#0/fast#0'],
      ['race', 'answer', 'answer#0'],
      ['call', 'end', undefined],
    ]);
    told.length = 0;
    expect((await replay(made, await fixtureOf(store))).report.verdict).toBe('same');
    // A replay performs nothing.
    expect(told.slice(0, 2)).toEqual([
      ['waiting', lost],
      ['signal', lost],
    ]);
  });

  it('leaves what it had got before', async () => {
    const made = (): AnyGraph =>
      ofNode(async ({ race, effect, emit }) => {
        const traces: string[] = [];
        const { branch } = await race('answer', {
          slow: async () => {
            traces.push(await effect('first', null, () => 'first'));
            emit('got it');
            await effect('second', null, () => new Promise(() => undefined));
          },
          fast: async () => effect('fast', null, async () => wait(5)),
        });
        return [branch, ...traces];
      });
    const { store, state, entries } = await recorded(made());
    expect(state).toMatchObject({ got: ['fast', 'first'] });
    expect(entries.some(({ kind }) => kind === 'event')).toBe(true);
    for (const observed of [true, false]) {
      const { report, run } = await replay(made(), await fixtureOf(store, { observed }));
      expect([report.verdict, report.divergences, run.state]).toEqual(['same', [], state]);
    }
    // Also where the winner is faster than the loser's first answer.
    const { verdict, finding } = await explore(made, await fixtureOf(store));
    expect([verdict, finding]).toEqual(['proved', undefined]);
  });

  it('asks nobody any more', async () => {
    const store = memoryStore();
    const made = ofNode(async ({ race, ask, sleep }) => {
      const first = await race('approval', {
        answer: async () => ask<string>('Ship it?', { name: 'ship' }),
        late: async () => sleep(5),
      });
      return [first.branch, await ask<string>('And now?', { name: 'now' })];
    });
    await using engine = createEngine(made, { store });
    let run = await engine.run({} as never, { runId: 'asked' });
    while (run.status === 'paused' && run.questions[0]?.name !== 'now') run = await engine.resume('asked');
    expect(run).toMatchObject({ status: 'paused', questions: [{ name: 'now' }] });
    // The one question that is open is the one that is meant.
    await engine.answer('asked', undefined, 'yes');
    expect(await engine.resume('asked')).toMatchObject({ status: 'done', state: { got: ['late', 'yes'] } });
  });
});

it('waits for people like any node, and is decided by their answer', async () => {
  const store = memoryStore();
  const made = ofNode(async ({ race, ask, receive }) => {
    const first = await race('approval', {
      answer: async () => ask<string>('Ship it?', { name: 'ship' }),
      signal: async () => receive<string>('shipped'),
    });
    return [first.branch, first.value];
  });
  await using engine = createEngine(made, { store });
  const run = await engine.run({} as never, { runId: 'asked' });
  expect(run).toMatchObject({ status: 'paused', questions: [{ name: 'ship' }] });
  await engine.send('asked', 'shipped', 'by post');
  expect(await engine.resume('asked')).toMatchObject({ status: 'done', state: { got: ['signal', 'by post'] } });
});

it('fails with the errors of all branches, in their order, and is open again for a further attempt', async () => {
  const made = ofNode(
    async ({ race, effect, attempt }) => {
      const bHasAnswered = Promise.withResolvers<void>();
      const answer = async (name: string) =>
        effect('model', name, async () => {
          if (name === 'a') await bHasAnswered.promise;
          else setTimeout(bHasAnswered.resolve);
          if (attempt === 1) throw new RangeError(`${name} is busy`);
          return name;
        });
      const first = await race('answer', { a: async () => answer('a'), b: async () => answer('b') });
      return [first.branch, attempt];
    },
    { attempts: 2 },
  );
  const { entries, state, store } = await recorded(made);
  expect(state).toMatchObject({ got: ['b', 2] });
  expect(winnersOf(entries)).toEqual(['error', 'b']);
  const [failed] = racesOf(entries);
  expect(failed?.outcome).toMatchObject({
    error: { name: 'AggregateError', errors: [{ message: 'a is busy' }, { message: 'b is busy' }] },
  });
  expect((await replay(made, await fixtureOf(store))).report.verdict).toBe('same');
});

it('keeps its winner in a further attempt, and runs nobody else there', async () => {
  const ran: string[] = [];
  const made = ofNode(
    async ({ race, effect, sleep, attempt }) => {
      const first = await race('answer', {
        a: async () => {
          ran.push(`a${attempt}`);
          await sleep(attempt === 1 ? 10 : 0);
          return effect('model', 'a', () => 'a');
        },
        b: async () => {
          ran.push(`b${attempt}`);
          return effect('model', 'b', () => 'b');
        },
      });
      if (attempt === 1) throw new Error('again');
      return first;
    },
    { attempts: 2 },
  );
  const { entries, state, store } = await recorded(made);
  expect(state).toMatchObject({ got: { branch: 'b', value: 'b' } });
  expect(ran).toEqual(['a1', 'b1', 'b2']);
  // What is kept is not written again.
  expect(winnersOf(entries)).toEqual(['b']);
  expect((await replay(made, await fixtureOf(store))).report.verdict).toBe('same');
});

describe('changed code', () => {
  const hedged = (slow: string, more = false): AnyGraph =>
    ofNode(async ({ race, effect }) => {
      const first = await race('answer', {
        slow: async () => {
          await effect('slow', slow, () => 'asked');
          if (more) await effect('more', null, () => 'more');
          return effect('never', null, () => new Promise<string>(() => undefined));
        },
        fast: async () => effect('fast', null, async () => wait(5, 'fast')),
      });
      return first.branch;
    });

  it('is no difference where it is beyond what a loser had got', async () => {
    const { store } = await recorded(hedged('one'));
    expect((await replay(hedged('one', true), await fixtureOf(store))).report.verdict).toBe('same');
  });

  it('is one where a loser asks for something else', async () => {
    const { store } = await recorded(hedged('one'));
    const { report } = await replay(hedged('two'), await fixtureOf(store));
    expect(report.divergences).toMatchObject([
      {
        kind: 'request',
        path: 'request',
        recorded: 'one',
        replayed: 'two',
        address: '1.0#1>answer#0/slow#0:call:slow',
      },
    ]);
  });

  it('is one where other branches race', async () => {
    const { store } = await recorded(ofNode(async ({ race }) => (await race('answer', { a: () => 1 })).branch));
    const { report } = await replay(
      ofNode(async ({ race }) => (await race('answer', { a: () => 1, b: () => new Promise(() => undefined) })).branch),
      await fixtureOf(store),
    );
    expect(report.divergences[0]).toMatchObject({ kind: 'request', path: 'request[1]', replayed: 'b' });
  });

  it('is one where a branch succeeds now of a race that nobody won', async () => {
    const racing = (isFixed: boolean): AnyGraph =>
      ofNode(async ({ race, effect }) => {
        const check = (text: string): string => {
          if (!isFixed) throw new Error(`cannot read ${text}`);
          return text;
        };
        const first = await race('answer', { only: async () => check(await effect('model', 1, () => 'half')) });
        return first.value;
      });
    const { store } = await recorded(racing(false));
    const { report } = await replay(racing(true), await fixtureOf(store));
    expect(report.divergences[0]).toMatchObject({ kind: 'answer', replayed: 'only' });
  });
});

it('is explored with the winner of the first run, if there is no recording', async () => {
  const made = (): AnyGraph =>
    graph('hedged', { state: fields({ found: append<string>() }) })
      .node('left', async (_state, context) => ({ delta: { found: [await hedge(context)] } }))
      .node('right', async (_state, context) => ({ delta: { found: [await hedge(context)] } }))
      .edge('left', 'right')
      .start('left')
      .build();
  const hedge = async ({ race, effect }: Pick<Context, 'race' | 'effect'>): Promise<string> => {
    const ask = (name: string) => async () => effect('model', name, () => name);
    return (await race('answer', { a: ask('a'), b: ask('b'), c: ask('c') })).branch;
  };
  const { verdict, finding } = await explore(made, { input: {} });
  // All that the losers might do is beyond what is known of them.
  expect([verdict, finding]).toEqual(['nothing to explore', undefined]);
});

/** What has been seen so far, no longer than it needs to be. */
const shortened = (seen: string, more: unknown): string => digestOf(`${seen}${JSON.stringify(more)}`).slice(0, 12);

/** A program of races, drawn: in each branch some effects and sleeps, some failures, and some races again. */
function drawnCode(number: number): Code {
  const { next } = drawStream(seed, `race ${number}`);
  const whole = (below: number): number => Math.floor(next() * below);
  interface Step {
    readonly kind: 'effect' | 'sleep' | 'throw' | 'race' | 'together';
    readonly ms: number;
    readonly inner: readonly Step[][];
  }
  const steps = (depth: number): Step[] =>
    Array.from({ length: 1 + whole(3) }, () => {
      const kind = (['effect', 'effect', 'sleep', 'together', 'race', 'throw'] as const)[whole(depth > 1 ? 4 : 6)];
      const isNested = kind === 'race' || kind === 'together';
      return {
        kind: kind ?? 'effect',
        ms: whole(3),
        inner: isNested ? Array.from({ length: 2 }, () => steps(depth + 1)) : [],
      };
    });
  const program = [{ kind: 'race' as const, ms: 0, inner: [steps(0), steps(0), steps(0)] }, ...steps(0)];
  return async ({ race, effect, sleep }) => {
    const run = async (code: readonly Step[], path: string): Promise<string> => {
      let seen = path;
      for (const [place, { kind, ms: delay, inner }] of code.entries()) {
        const at = `${path}.${place}`;
        const each = inner.map((branch, rank) => async () => run(branch, `${at}${rank}`));
        if (kind === 'effect')
          seen += await effect('do', at, async () => {
            const ms = Math.floor(Math.random() * 4) - 1;
            if (ms > 0) await wait(ms);
            if (Math.random() < 0.1) throw new Error(`no ${at}`);
            return `(${at})`;
          });
        else if (kind === 'sleep') await sleep(delay);
        else if (kind === 'throw') throw new Error(at);
        else if (kind === 'together')
          seen = shortened(seen, await Promise.allSettled(each.map(async (branch) => branch())));
        else
          seen += await race('r', Object.fromEntries(each.map((branch, rank) => [`b${rank}`, branch]))).then(
            ({ branch, value }) => `${branch}:${String(value)}`,
            (error: AggregateError) => `[${String(error.errors)}]`,
          );
      }
      return seen;
    };
    return run(program, 'p').catch(String);
  };
}

/** The first of some drawn orders under which a run comes to something else. */
async function differenceOf(made: AnyGraph, fixture: string): Promise<string | undefined> {
  const restores = [watchWork(), installAmbientReads(), installNodeTimers()];
  try {
    return await differenceBetween(made, fixture);
  } finally {
    for (const restore of restores.reverse()) restore();
  }
}

async function differenceBetween(
  graphs: Parameters<typeof fixtureSubject>[0],
  fixture: string,
): Promise<string | undefined> {
  const exploration = await Exploration.begin({
    subject: await fixtureSubject(graphs, fixture, new ReplaySeal()),
    compare: 'journal',
    invariant: undefined,
    schedulesMax: 100,
    endsAt: Number.POSITIVE_INFINITY,
    install: () => () => undefined,
    watched: undefined,
  });
  for (let index = 0; index < 6; index += 1) {
    const strategy = searchStrategy(seed, index, exploration.first.trace.length);
    const { change } = await exploration.try(strategy);
    if (change !== undefined) return `${strategy.name}: ${change.kind}`;
  }
  return undefined;
}

it(`repeats drawn programs of races, in replays, under other orders and after every cut (seed ${seed})`, {
  timeout: 600_000,
}, async () => {
  for (let number = 0; number < (isLong ? 300 : 3); number += 1) {
    const made = ofNode(drawnCode(number));
    const { store, state, entries } = await recorded(made);
    const fixture = await fixtureOf(store);
    const { report, run } = await replay(made, fixture);
    expect([report.verdict, report.divergences, run.state], `program ${number}`).toEqual(['same', [], state]);
    expect(await differenceOf(made, fixture), `program ${number}`).toBeUndefined();
    for (let cut = 2; cut < entries.length; cut += isLong ? 1 : 3) {
      const again = await cutOff(entries, cut);
      await using engine = createEngine(made, { store: again });
      const resumed = await engine.resume('run');
      expect(resumed.status, `program ${number}, cut off after ${cut}`).toBe('done');
      const decided = racesOf(entries.slice(0, cut));
      const after = new Map(racesOf(await collected(again.read('run', 0))).map((race) => [race.task, race.outcome]));
      for (const { task, outcome } of decided) expect(after.get(task)).toEqual(outcome);
      const replayed = await replay(made, await fixtureOf(again));
      expect([replayed.report.verdict, replayed.run.state], `program ${number}, cut ${cut}`).toEqual([
        'same',
        resumed.state,
      ]);
    }
  }
});

it('refuses branches that are not functions', async () => {
  const made = ofNode(async ({ race }) => race('answer', { a: 'no function' } as never));
  await using engine = createEngine(made);
  expect(await engine.run({} as never)).toMatchObject({
    status: 'failed',
    error: { code: 'option-invalid' },
  });
});
