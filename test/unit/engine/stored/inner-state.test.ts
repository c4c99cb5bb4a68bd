// Time travel into subgraphs: the state of an inner run after each of its steps.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore, sum } from '../../../../src/index.ts';
import type { Entry } from '../../../../src/journal/entry.ts';
import type { StepKey } from '../../../../src/journal/key.ts';
import { RunTeller } from '../../../../src/report/index.ts';
import { sqliteStore } from '../../../../src/store/sqlite/sqlite-store.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const innermost = graph('innermost', { state: fields({ deep: sum() }) })
  .node('dig', () => ({ delta: { deep: 10 } }))
  .edge('dig', 'dig', { when: ({ deep }) => deep < 30 })
  .start('dig')
  .build();

const inner = graph('inner', { state: fields({ n: sum(), deep: last(0) }) })
  .node(
    'add',
    ({ n }, { attempt }) => {
      if (n === 2 && attempt === 1) throw new Error('not yet');
      return { delta: { n: 1 } };
    },
    { retry: { attempts: 2 } },
  )
  .edge('add', 'add', { when: ({ n }) => n < 3 })
  .subgraph('down', innermost, { input: () => ({}), output: ({ deep }) => ({ deep }) })
  .edge('add', 'down', { when: ({ n }) => n === 3 })
  .start('add')
  .build();

const outer = graph('outer', { state: fields({ total: sum() }) })
  .node('first', () => ({ delta: { total: 1 } }))
  .node('beside', () => undefined)
  .subgraph('inner', inner, { input: ({ total }) => ({ n: total }), output: ({ n, deep }) => ({ total: n + deep }) })
  .edge('first', 'beside')
  .edge('first', 'inner')
  .start('first')
  .build();

describe.each([
  ['memory', () => memoryStore()],
  ['a file', () => sqliteStore(join(temporaryFolder(), 'runs.db'), { checkpointLength: 0 })],
])('the state of an inner run, in %s', (_title, storeOf) => {
  it('is that after the step, at any depth', async () => {
    await using engine = createEngine(outer, { store: storeOf() });
    expect(await engine.run({}, { runId: 'run' }).orThrow()).toEqual({ total: 34 });
    expect(await engine.stateAt('run', '2.1#1/0')).toEqual({ n: 1, deep: 0 });
    expect(await engine.stateAt('run', '2.1#1/1')).toEqual({ n: 2, deep: 0 });
    expect(await engine.stateAt('run', '2.1#1/2')).toEqual({ n: 3, deep: 0 });
    expect(await engine.stateAt('run', '2.1#1/3')).toEqual({ n: 3, deep: 30 });
    for (const step of [0, 1, 2, 3])
      expect(await engine.stateAt('run', `2.1#1/3.0#1/${step}`)).toEqual({ deep: 10 * step });
  });

  it('is there before the step around it is committed', async () => {
    const asking = graph('outer', { state: fields({ total: sum() }) })
      .node('ask', async (_state, { ask }) => void (await ask('continue?')))
      .subgraph('inner', innermost, { input: () => ({}), output: ({ deep }) => ({ total: deep }) })
      .node('first', () => undefined)
      .edge('first', 'ask')
      .edge('first', 'inner')
      .start('first')
      .build();
    await using engine = createEngine(asking, { store: storeOf() });
    expect(await engine.run({}, { runId: 'run' })).toMatchObject({ status: 'paused' });
    expect(await engine.stateAt('run', '2.1#1/2')).toEqual({ deep: 20 });
  });

  it.each([
    '2.1#1/4',
    '2.1#2/1',
    '2.0#1/1',
    '3.0#1/1',
    '0.0#1/1',
    '2.1#1/3.0#1/4',
    '2.1#1/2.0#1/0',
    '9.1#1/1',
  ] as const)('is refused for %s, which was not committed', async (key) => {
    await using engine = createEngine(outer, { store: storeOf() });
    await engine.run({}, { runId: 'run' });
    await expect(engine.stateAt('run', key)).rejects.toMatchObject({ code: 'step-unknown' });
  });

  it('is nothing that a fork could continue from', async () => {
    await using engine = createEngine(outer, { store: storeOf() });
    await engine.run({}, { runId: 'run' });
    await expect(engine.fork('run', { step: '2.1#1/1' })).rejects.toMatchObject({
      code: 'step-unknown',
      nextStep: 'Use step 1, after which that inner run begins, or step 2, after which it is over.',
    });
  });
});

it('is what `reprise show --step` prints for the key of an inner step', async () => {
  const store = memoryStore();
  await using engine = createEngine(outer, { store });
  await engine.run({}, { runId: 'run' });
  const teller = new RunTeller();
  let entries: Entry[] = [];
  const told: unknown[] = [];
  for await (const entry of store.read('run')) {
    entries.push(entry);
    if (entry.kind !== 'commit' || entry.at.includes('/')) continue;
    told.push(teller.tellInner(entries, '2.1#1/3.0#1/2' as StepKey)?.join('\n'));
    teller.tell(entries, 'short');
    entries = [];
  }
  expect(told).toEqual([
    undefined,
    undefined,
    'inner step 2.1#1/3.0#1/2\n  state afterwards:\n    {\n      "deep": 20\n    }',
  ]);
});
