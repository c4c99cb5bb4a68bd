// A graph that changed since the run was recorded: what did not change is still compared.
import { append, createEngine, failure, fields, graph, input, last, memoryStore, sum } from 'reprise';
import type { AnyGraph } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import type { ReplayOptions, ReplayReport } from 'reprise/replay';
import { replayText } from 'reprise/report';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/folder.ts';

const kinds: readonly Required<Pick<ReplayOptions, 'mode' | 'strictness'>>[] = [
  { mode: 'effects', strictness: 'strict' },
  { mode: 'effects', strictness: 'lenient' },
  { mode: 'outputs', strictness: 'strict' },
  { mode: 'outputs', strictness: 'lenient' },
];

async function fixtureOf(recorded: unknown, given: object = {}): Promise<string> {
  const store = memoryStore();
  await createEngine(recorded as AnyGraph, { store }).run(given, { runId: 'run' });
  return await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
}

async function replayed(
  recorded: unknown,
  now: unknown,
  options: ReplayOptions,
  given?: object,
): Promise<ReplayReport> {
  return (await replay(now as AnyGraph, await fixtureOf(recorded, given), options)).report;
}

function found({ divergences }: ReplayReport): readonly string[] {
  return divergences.map(({ kind, at, path }) => (kind === 'graph' ? path : `${kind} ${at} ${path}`));
}

/** Without what follows from something else. */
function roots({ divergences, ...report }: ReplayReport): readonly string[] {
  return found({ ...report, divergences: divergences.filter(({ follows }) => follows === undefined) });
}

/** Two steps; `write` is what the second one returns. */
function twoSteps(state: object, write: (state: never) => object = () => ({ a: 2 })): unknown {
  return graph('two', { state: fields({ a: last(0), ...state }) as never })
    .node('one', (() => ({ delta: { a: 1 } })) as never)
    .node('two', ((given: never) => ({ delta: write(given) })) as never)
    .edge('one', 'two')
    .start('one')
    .build();
}

describe.each(kinds)('a field of the state, in mode $mode, $strictness', (options) => {
  const before = twoSteps({});

  it.each([
    ['with a default', { lang: last('en') }],
    ['that may be absent', { lang: last<string | null>(null) }],
    ['that is a list', { lang: append<string>() }],
  ])('that is new, %s, is one line, and the rest is compared', async (_name, state) => {
    const report = await replayed(before, twoSteps(state), options);
    expect(report.verdict).toBe('same');
    expect(found(report)).toEqual(['graph.state.lang']);
    expect(report.compared).toMatchObject({ steps: 2, tasks: 2 });
    expect(replayText(report).split('\n').slice(1)).toEqual(['the graph has changed: graph.state.lang was added', '']);
  });

  it('that is new hides no other difference', async () => {
    if (options.mode === 'outputs') return;
    const report = await replayed(
      before,
      twoSteps({ lang: last('en') }, (state: { lang: string }) => ({ a: state.lang === 'en' ? 3 : 2 })),
      options,
    );
    expect(report.verdict).toBe('diverged');
    expect(roots(report)).toEqual(['graph.state.lang', 'output 2.0#1 delta.a']);
  });

  it('that is gone is one line where nothing wrote it', async () => {
    const report = await replayed(twoSteps({ lang: last('en') }), before, options, { lang: 'de' });
    expect(report.verdict).toBe('same');
    expect(found(report)).toEqual(['graph.state.lang']);
  });

  it('that is gone and was written is missing from the output of the code alone', async () => {
    const report = await replayed(
      twoSteps({ lang: last('en') }, () => ({ a: 2, lang: 'de' })),
      before,
      options,
    );
    const isCodeRun = options.mode === 'effects';
    expect(found(report)).toEqual(['graph.state.lang', ...(isCodeRun ? ['output 2.0#1 delta.lang'] : [])]);
    expect(report.verdict).toBe(isCodeRun ? 'diverged' : 'same');
  });

  it('that begins with another value says so', async () => {
    const report = await replayed(twoSteps({ lang: last('en') }), twoSteps({ lang: last('de') }), options);
    expect(report.verdict).toBe('diverged');
    expect(roots(report)).toEqual(['graph.state.lang.initial', 'state 0 state.lang']);
    expect(replayText(report).replaceAll(/\s+/g, ' ')).toContain(
      'the input is the same, and graph.state.lang.initial was changed',
    );
  });
});

describe('a new field without a default', () => {
  it('is an error that says what to do', async () => {
    const now = twoSteps({ lang: last<string>() });
    await expect(replayed(twoSteps({}), now, {})).rejects.toMatchObject({ code: 'input-invalid' });
  });
});

type Names = Partial<Record<'plan' | 'find' | 'tell' | 'mend', string | undefined>>;

/** `plan` sends to `find`, whose tasks meet at `tell`; `mend` takes the failure of `tell`. A name left out is a node left out. */
function desk(names: Names): AnyGraph {
  const { plan = 'plan', find, tell, mend } = names;
  const state = fields({ log: append<string>(), total: sum() });
  type Loose = {
    node(name: string, run: unknown, options?: object): Loose;
    edge(from: string, to: string): Loose;
    join(from: readonly string[], to: string): Loose;
    start(name: string): Loose;
    build(): AnyGraph;
  };
  const inputs = {
    ...(find === undefined ? {} : { [find]: input<number>() }),
    ...(mend === undefined ? {} : { [mend]: failure() }),
  };
  let built = graph('desk', { state, inputs } as never) as unknown as Loose;
  built = built.node(plan, (_state: never, context: { send(name: string, given: number): unknown }) => ({
    delta: { log: ['planned'] },
    ...(find === undefined ? {} : { route: [context.send(find, 1), context.send(find, 2)] }),
  }));
  if (find !== undefined)
    built = built.node(
      find,
      async (_state: never, context: { input: number; effect: (...args: unknown[]) => Promise<string> }) => ({
        delta: { log: [await context.effect('look', { of: context.input }, async () => `found ${context.input}`)] },
      }),
    );
  if (tell !== undefined) {
    built = built.node(
      tell,
      () => {
        throw new Error('nobody listens');
      },
      mend === undefined ? {} : { onError: mend },
    );
    if (find !== undefined) built = built.join([find], tell);
  }
  if (mend !== undefined) built = built.node(mend, () => ({ delta: { total: 1, log: ['mended'] } }));
  return built.start(plan).build();
}

const all: Names = { plan: 'plan', find: 'find', tell: 'tell', mend: 'mend' };

describe.each(kinds.filter(({ strictness }) => strictness === 'lenient'))(
  'a lenient replay in mode $mode',
  (options) => {
    it.each<[string, Names, string, readonly string[]]>([
      ['the first node was renamed', { ...all, plan: 'begin' }, 'frontier', ['"plan"', '"begin"']],
      [
        'a node that is sent to was renamed',
        { ...all, find: 'seek' },
        options.mode === 'effects' ? 'route' : 'error',
        ['find'],
      ],
      ['a node that a join leads to was renamed', { ...all, tell: 'say' }, 'frontier', ['"tell"', '"say"']],
      ['a node that takes failures was renamed', { ...all, mend: 'fix' }, 'frontier', ['"mend"', '"fix"']],
      ['the last node was removed', { ...all, mend: undefined, tell: undefined }, 'frontier', ['"tell"']],
      ['a node that is sent to was removed', { plan: 'plan', tell: 'tell', mend: 'mend' }, 'route', ['find']],
    ])('goes past the place where %s', async (_name, now, kind, names) => {
      const report = await replayed(desk(all), desk(now), options);
      expect(report.verdict).toBe('diverged');
      const first = report.divergences.find((divergence) => divergence.kind !== 'graph');
      if (options.mode === 'effects' || kind !== 'route') expect(first?.kind).toBe(kind);
      const text = replayText(report);
      for (const name of names) expect(text).toContain(name);
      // It was the end of the run that came last, and it is the recorded one.
      expect(report.divergences.filter(({ path }) => path === 'end')).toEqual([]);
      expect(report.compared.steps).toBe(4);
    });

    it('names a difference after a renamed node too', async () => {
      if (options.mode === 'outputs') return;
      const chain = (second: string, third: number): unknown =>
        graph('chain', { state: fields({ a: last(0) }) })
          .node('one', () => ({ delta: { a: 1 } }))
          .node(second as 'middle', () => ({ delta: { a: 2 } }))
          .node('three', (state) => ({ delta: { a: state.a * third } }))
          .edge('one', second as 'middle')
          .edge(second as 'middle', 'three')
          .start('one')
          .build();
      const report = await replayed(chain('two', 10), chain('zwei', 11), options);
      const rest = report.divergences.filter(({ kind }) => kind !== 'graph');
      expect(rest.map(({ kind, at, follows }) => ({ kind, at, follows }))).toEqual([
        { kind: 'frontier', at: '1', follows: undefined },
        { kind: 'frontier', at: '1', follows: undefined },
        { kind: 'output', at: '3.0#1', follows: undefined },
      ]);
    });

    it('finds a route to a node that is gone from the graph, but not from the code', async () => {
      const routing = (has: boolean): unknown => {
        const one = graph('routing', { state: fields({ a: last(0) }) }).node('one', ((
          _state: never,
          context: never,
        ) => ({
          route: [(context as { goto(name: string): unknown }).goto('two')],
        })) as never);
        return (has ? one.node('two', () => ({ delta: { a: 2 } })) : one).start('one').build();
      };
      const report = await replayed(routing(true), routing(false), options);
      expect(report.verdict).toBe('diverged');
      expect(report.divergences.find(({ kind }) => kind !== 'graph')).toMatchObject({ kind: 'error', at: '1.0#1' });
    });

    it('goes past an added node and a renamed node of a subgraph', async () => {
      const around = (names: readonly string[]): unknown => {
        type Loose = {
          node(name: string, run: unknown): Loose;
          edge(from: string, to: string): Loose;
          start(name: string): Loose;
          build(): unknown;
        };
        let inner = graph('inner', { state: fields({ log: append<string>() }) }) as unknown as Loose;
        for (const name of names) inner = inner.node(name, () => ({ delta: { log: ['inner'] } }));
        for (const [place, name] of names.slice(1).entries()) inner = inner.edge(names[place] as string, name);
        return graph('outer', { state: fields({ log: append<string>() }) })
          .subgraph('run', inner.start(names[0] as string).build() as never, {
            input: () => ({}) as never,
            output: ((given: { log: readonly string[] }) => ({ log: [...given.log] })) as never,
          })
          .node('end', () => ({ delta: { log: ['end'] } }))
          .edge('run', 'end')
          .start('run')
          .build();
      };
      for (const now of [['a', 'x'], ['x', 'b'], ['a'], ['a', 'b', 'c']]) {
        const report = await replayed(around(['a', 'b']), around(now), options);
        expect(report.verdict).toBe('diverged');
        expect(report.compared.steps).toBe(2);
      }
    });
  },
);

describe.each(kinds)('a run that was migrated, in mode $mode, $strictness', (options) => {
  const before = graph('order', { state: fields({ amount: last<number>(), paid: last('') }) })
    .node('approve', async ({ amount }, { ask }) => {
      await ask(`Pay ${amount}?`);
      return { delta: { paid: String(amount) } };
    })
    .start('approve')
    .build();
  const after = graph('order', {
    version: '2',
    migrate: ({ amount, paid }) => ({ paid: paid as string, cents: (amount as number) * 100 }),
    state: fields({ cents: last<number>(), paid: last('') }),
  })
    .node('approve', async ({ cents }, { ask }) => {
      await ask(`Pay ${cents / 100}?`);
      return { delta: { paid: String(cents / 100) } };
    })
    .start('approve')
    .build();

  it('to a field without an initial value, replays with the version that ended it', async () => {
    const store = memoryStore();
    await createEngine(before, { store }).run({ amount: 4 }, { runId: 'run' });
    expect(await createEngine(after, { store }).resume('run', { answer: true })).toMatchObject({ status: 'done' });
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    const { report } = await replay(after, path, options);
    expect([report.verdict, found(report).filter((each) => !each.startsWith('graph'))]).toEqual(['same', []]);
  });

  it('is told from one whose input lacks the field', async () => {
    const store = memoryStore();
    await createEngine(before, { store }).run({ amount: 4 }, { runId: 'run' });
    expect(await createEngine(before, { store }).resume('run', { answer: true })).toMatchObject({ status: 'done' });
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    await expect(replay(after, path, options)).rejects.toMatchObject({ code: 'input-invalid' });
  });
});
