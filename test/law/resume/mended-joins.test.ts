// A run that was stuck at a join, resumed once the graph is mended.
import { describe, expect, it } from 'vitest';
import { append, createEngine, fields, graph, memoryStore } from '../../../src/index.ts';
import type { RunStore } from '../../../src/port/store.ts';
import { RunFold } from '../../../src/journal/fold/run-fold.ts';
import { sqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

type Says = 'join' | 'one-source' | 'edge' | 'conditional' | 'nothing' | 'other-node';

/** `left` arrives at the join, and `right`, which returns a route, never does. */
function deskOf(mend: Says) {
  const nodes = graph('desk', { state: fields({ log: append<string>() }) })
    .node('begin', () => ({ delta: { log: ['begin'] } }))
    .node('left', () => ({ delta: { log: ['left'] } }))
    .node('right', (_state, { stop }) => ({ delta: { log: ['right'] }, route: stop() }))
    .node('meet', () => ({ delta: { log: ['meet'] } }))
    .node('after', () => ({ delta: { log: ['after'] } }))
    .edge('begin', 'left')
    .edge('begin', 'right')
    .edge('meet', 'after')
    .start('begin');
  switch (mend) {
    case 'join':
      return nodes.join(['left', 'right'], 'meet').build();
    case 'one-source':
      return nodes.join(['left'], 'meet').build();
    case 'edge':
      return nodes.edge('left', 'meet').build();
    case 'conditional':
      return nodes.edge('left', 'meet', { when: () => true }).build();
    case 'other-node':
      return nodes.edge('left', 'after').build();
    case 'nothing':
      return nodes.build();
  }
}

async function stuck(store: RunStore = memoryStore()): Promise<RunStore> {
  const run = await createEngine(deskOf('join'), { store }).run({}, { runId: 'run' });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'no-progress' } });
  return store;
}

describe('a run that is stuck at a join', () => {
  it.each(['one-source', 'edge'] as const)('continues where the graph is mended by %s', async (mend) => {
    const store = await stuck();
    await using engine = createEngine(deskOf(mend), { store });
    const run = await engine.resume('run').orThrow();
    expect(run.log).toEqual(['begin', 'left', 'right', 'meet', 'after']);
    const fold = new RunFold();
    for await (const entry of store.read('run')) fold.add(entry);
    expect(fold).toMatchObject({ frontier: [], joins: undefined, end: { status: 'done' }, state: run });
  });

  it.each(['conditional', 'nothing', 'other-node'] as const)('is refused where what leads on is %s', async (mend) => {
    const store = await stuck();
    await using engine = createEngine(deskOf(mend), { store });
    await expect(engine.resume('run')).rejects.toMatchObject({
      code: 'run-not-resumable',
      message: expect.stringContaining('the run is stuck at graph.edges["left + right → meet"]'),
    });
  });

  it('fails again where nothing was mended', async () => {
    const store = await stuck();
    await using engine = createEngine(deskOf('join'), { store });
    expect(await engine.resume('run')).toMatchObject({ status: 'failed', error: { code: 'no-progress' } });
  });

  it('continues after a death too: the mend is journaled', async () => {
    const path = `${temporaryFolder()}/runs.db`;
    const first = sqliteStore(path, { checkpointLength: 0 });
    await stuck(first);
    await first.close();
    const second = createEngine(deskOf('one-source'), { store: sqliteStore(path) });
    const paused = await second.resume('run', { pauseBefore: ['meet'] });
    expect(paused).toMatchObject({ status: 'paused', state: { log: ['begin', 'left', 'right'] } });
    await second.close();
    await using third = createEngine(deskOf('one-source'), { store: sqliteStore(path) });
    expect((await third.resume('run').orThrow()).log).toEqual(['begin', 'left', 'right', 'meet', 'after']);
  });

  it('is shown by a replay with the mended graph as a divergence of its frontier', async () => {
    const store = await stuck();
    await using engine = createEngine(deskOf('one-source'), { store });
    await engine.resume('run').orThrow();
    const file = await exportRunTo(store, 'run', `${temporaryFolder()}/`);
    const { report } = await replay(deskOf('one-source'), file);
    expect(report).toMatchObject({
      verdict: 'diverged',
      divergences: expect.arrayContaining([expect.objectContaining({ kind: 'frontier', step: 2 })]),
    });
  });
});

describe('a run whose subgraph was stuck at a join', () => {
  const outerOf = (mend: Says) =>
    graph('outer', { state: fields({ log: append<string>() }) })
      .node('first', () => ({ delta: { log: ['first'] } }))
      .subgraph('desk', deskOf(mend), { input: () => ({}), output: ({ log }) => ({ log }) })
      .edge('first', 'desk')
      .start('first')
      .build();

  it('begins it anew with the mended subgraph', async () => {
    const store = memoryStore();
    const broken = createEngine(outerOf('join'), { store });
    expect(await broken.run({}, { runId: 'run' })).toMatchObject({ status: 'failed', error: { code: 'no-progress' } });
    await using engine = createEngine(outerOf('one-source'), { store });
    const run = await engine.resume('run').orThrow();
    expect(run.log).toEqual(['first', 'begin', 'left', 'right', 'meet', 'after']);
  });
});
