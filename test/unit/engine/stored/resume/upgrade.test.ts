import { describe, expect, it } from 'vitest';
import { upgradeEdit, upgradeProblems } from '../../../../../src/engine/stored/resume/upgrade.ts';
import type { AnyGraph } from '../../../../../src/graph/built-graph.ts';
import { createEngine, failure, fields, graph, last, memoryStore, sum } from '../../../../../src/index.ts';
import { RunFold } from '../../../../../src/journal/fold/run-fold.ts';
import { commitEntry, runEntry } from '../../../../support/journals.ts';

type Migrate = (state: never, from: never) => unknown;

function counterOf(state: object, options: { readonly version?: string; readonly migrate?: Migrate } = {}): AnyGraph {
  return graph('counter', { ...options, state: fields(state as { count: ReturnType<typeof sum> }) } as never)
    .node('increase', () => ({ delta: { count: 1 } }) as never)
    .start('increase')
    .build() as unknown as AnyGraph;
}

const counter = counterOf({ count: sum() }, { version: '1' });

/** A run of `counter` that has taken its input and stands before its only node. */
function foldOf(recorded = counter): RunFold {
  const fold = new RunFold();
  const { description, fingerprint } = recorded.spec;
  fold.add({ ...runEntry('run', description), fingerprint });
  fold.add(commitEntry('0', { input: { count: 3 }, frontier: [{ node: 'increase' }] }));
  return fold;
}

describe('the problems of an upgrade', () => {
  const problemsOf = (newer: AnyGraph): readonly string[] =>
    upgradeProblems(counter.spec.description, newer.spec, foldOf());

  it('are sentences that name the place', () => {
    expect(problemsOf(counterOf({ count: sum(), more: last() }, { version: '2' }))).toEqual([
      'graph.state.more was added without an initial value',
    ]);
    expect(problemsOf(counterOf({ count: sum() }, { version: '2' }))).toEqual([]);
  });
});

describe('the edit of an upgrade', () => {
  it('gives new fields their initial values, and keeps the others', () => {
    const newer = counterOf({ count: sum(), more: last('new') }, { version: '2' });
    const { spec } = newer;
    expect(upgradeEdit(foldOf(), spec, 5)).toEqual({
      kind: 'edit',
      at: '0',
      by: 'migrate',
      from: '1',
      patch: { kind: 'record', changed: { more: { kind: 'set', value: 'new' } }, removed: [] },
      graph: spec.description,
      fingerprint: spec.fingerprint,
      observed: { time: 5 },
    });
  });

  it('names the new graph even where the state stays as it is', () => {
    const { spec } = counterOf({}, { version: '2' });
    const edit = upgradeEdit(foldOf(), spec, 5);
    expect(edit.patch).toEqual({ kind: 'record', changed: {}, removed: [] });
    const fold = foldOf();
    fold.add(edit);
    expect([fold.state, fold.run?.fingerprint, fold.run?.graph.version]).toEqual([{ count: 3 }, spec.fingerprint, '2']);
  });

  it('takes the whole state from `migrate`, which gets a frozen state and the version before', () => {
    const seen: unknown[] = [];
    const { spec } = counterOf(
      { count: sum() },
      {
        version: '2',
        migrate: (state, from) => {
          seen.push(state, from, Object.isFrozen(state));
          return { total: 7 };
        },
      },
    );
    const fold = foldOf();
    fold.add(upgradeEdit(fold, spec, 5));
    expect(seen).toEqual([{ count: 3 }, '1', true]);
    expect(fold.state).toEqual({ total: 7 });
  });

  it.each<[string, Migrate]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['returns what cannot be stored', () => ({ count: () => 1 })],
  ])('is refused with both versions if `migrate` %s', (_what, migrate) => {
    const { spec } = counterOf({ count: sum() }, { version: '2', migrate });
    expect(() => upgradeEdit(foldOf(), spec, 5)).toThrow(
      expect.objectContaining({ code: 'migration-failed', fields: { from: '1', to: '2' } }),
    );
  });
});

describe('a paused run', () => {
  const asking = (name: string, options: object) =>
    graph('desk', { state: fields({ said: last('') }), inputs: { rescue: failure() } })
      .node('ask', async (_state, { ask }) => ({ delta: { said: String(await ask('what?')) } }))
      .node('rescue', () => {})
      .node(name, () => ({ delta: { said: 'written' } }), options)
      .edge('ask', name as 'ask')
      .start('ask')
      .build();

  it.each(['write', 'plan + write', 'plan → write', '"write"', 'write (2)'])(
    'does not resume if the node %j after it has changed',
    async (name) => {
      const store = memoryStore();
      await createEngine(asking(name, {}), { store }).run({}, { runId: 'run' });
      const changed = createEngine(asking(name, { onError: 'rescue' }), { store });
      await expect(changed.resume('run', { answer: 'x' })).rejects.toMatchObject({
        code: 'run-not-resumable',
        message: expect.stringContaining(`graph.nodes[${JSON.stringify(name)}].onError was changed`),
      });
      const patient = createEngine(asking(name, { retry: { attempts: 3 } }), { store });
      expect((await patient.resume('run', { answer: 'x' }).orThrow()).said).toBe('written');
    },
  );

  const joining = (more: 'none' | 'first' | 'last') => {
    let built = graph('joining', { state: fields({ log: last('') }) })
      .node('begin', () => {})
      .node('ask', async (_state, { ask }) => ({ delta: { log: String(await ask('what?')) } }))
      .node('meet', ({ log }) => ({ delta: { log: `${log} met` } }))
      .node('other', ({ log }) => ({ delta: { log: `${log} other` } }))
      .edge('begin', 'ask');
    if (more === 'first') built = built.join(['begin', 'other'], 'other');
    built = built.join(['begin', 'ask'], 'meet');
    if (more === 'last') built = built.join(['begin', 'other'], 'other');
    return built.start('begin').build();
  };

  it('does not resume if a join that it waits at would count the arrivals of another one', async () => {
    const store = memoryStore();
    await createEngine(joining('none'), { store }).run({}, { runId: 'run' });
    await expect(createEngine(joining('first'), { store }).resume('run', { answer: 'x' })).rejects.toMatchObject({
      code: 'run-not-resumable',
      message: expect.stringContaining('graph.edges["begin + ask → meet"] has moved among the joins'),
    });
    const after = createEngine(joining('last'), { store });
    expect((await after.resume('run', { answer: 'x' }).orThrow()).log).toBe('x met');
  });

  const routing = (version: string, first: 'left' | 'right') => {
    const second = first === 'left' ? 'right' : 'left';
    return graph('routing', { version, state: fields({ log: last('') }) })
      .node('ask', async (_state, { ask }) => ({ delta: { log: String(await ask('what?')) } }))
      .node('left', () => {})
      .node('right', () => {})
      .edge('ask', first)
      .edge('ask', second)
      .start('ask')
      .build();
  };

  it('does not resume if the tasks after it would have other ranks, whatever else has changed', async () => {
    const store = memoryStore();
    await createEngine(routing('1', 'left'), { store }).run({}, { runId: 'run' });
    await expect(createEngine(routing('2', 'right'), { store }).resume('run', { answer: 'x' })).rejects.toMatchObject({
      code: 'run-not-resumable',
      message: expect.stringContaining('graph is declared in a different order'),
    });
    expect((await createEngine(routing('2', 'left'), { store }).resume('run', { answer: 'x' })).status).toBe('done');
  });
});
