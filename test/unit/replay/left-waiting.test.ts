// A step that failed waits for no person and no signal. So a task of a lower rank may still wait when its run ends.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import type { AnyGraph } from '../../../src/graph/built-graph.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { last } from '../../../src/graph/field.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Context {
  readonly ask: (question: string) => Promise<unknown>;
  readonly receive: (name: string) => Promise<unknown>;
  readonly effect: (name: string, request: number, perform: () => string) => Promise<string>;
}
type Wait = (context: Context) => Promise<unknown>;

const waits: Readonly<Record<string, Wait>> = {
  'a signal': ({ receive }) => receive('go'),
  'an answer': ({ ask }) => ask('may I?'),
  'a signal, after an effect': async ({ effect, receive }) => {
    await effect('look', 1, () => 'found');
    return receive('go');
  },
};

/** Beside the node that waits, one of a higher rank fails: by its time, or at once. */
const failing = (wait: Wait, fails: 'late' | 'at once' | 'never'): AnyGraph =>
  graph('failing', { state: fields({ got: last('') }) })
    .node('begin', () => ({ delta: {} }))
    .node('wait', async (_state, context) => ({ delta: { got: String(await wait(context as never)) } }))
    .node(
      'fail',
      () => {
        if (fails === 'late') return new Promise<never>(() => undefined);
        if (fails === 'at once') throw new RangeError('always');
        return { delta: {} };
      },
      { timeoutMs: 20 },
    )
    .edge('begin', 'wait')
    .edge('begin', 'fail')
    .start('begin')
    .build() as unknown as AnyGraph;

const inSubgraph = (inner: AnyGraph): AnyGraph =>
  graph('outer', { state: fields({ got: last('') }) })
    .subgraph('inner', inner as never, { input: () => ({}) as never, output: () => ({}) })
    .start('inner')
    .build() as unknown as AnyGraph;

const cases = Object.keys(waits).flatMap((what) =>
  (['late', 'at once'] as const).flatMap((fails) => [false, true].map((isInner) => ({ what, fails, isInner }))),
);

it.each(cases)('for $what beside a failure $fails, in a subgraph: $isInner', async ({ what, fails, isInner }) => {
  const wait = waits[what] as Wait;
  const built = (how: 'late' | 'at once' | 'never'): AnyGraph =>
    isInner ? inSubgraph(failing(wait, how)) : failing(wait, how);
  const store = memoryStore();
  await using engine = createEngine(built(fails), { store, graceMs: 10 });
  expect((await engine.run({} as never, { runId: 'one' })).status).toBe('failed');
  const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
  expect((await replay(built(fails), path)).report.divergences).toEqual([]);
  expect((await updateFixture(built(fails), path)).verdict).toBe('unchanged');
  // What fails no more lets the run wait for what nobody recorded.
  const before = readFileSync(path);
  expect((await replay(built('never'), path)).report.verdict).toBe('diverged');
  expect(await updateFixture(built('never'), path)).toMatchObject({ verdict: 'refused', why: 'nobody is asked' });
  expect(readFileSync(path)).toEqual(before);
});

it.each(['wait', 'end'] as const)(
  'a run that was exported while it waits replays, where %s has the lower rank',
  async (first) => {
    const paused = graph('paused', { state: fields({ got: last('') }) })
      .node('begin', () => ({ delta: {} }))
      .node('wait', async (_state, { receive }) => ({ delta: { got: String(await receive('go')) } }))
      .node('end', () => ({ delta: {} }))
      .edge('begin', first)
      .edge('begin', first === 'wait' ? 'end' : 'wait')
      .start('begin')
      .build();
    const store = memoryStore();
    await using engine = createEngine(paused, { store });
    expect((await engine.run({}, { runId: 'one' })).status).toBe('paused');
    const path = await exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
    expect((await replay(paused, path)).report.divergences).toEqual([]);
  },
);
