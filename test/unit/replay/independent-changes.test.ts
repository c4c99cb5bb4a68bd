// Two changes in one node are two causes, and what a cut task did not come to do is none.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import type { AnyGraph } from '../../../src/graph/built-graph.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { append, last } from '../../../src/graph/field.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { temporaryFolder } from '../../support/folder.ts';

async function recorded(built: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store });
  await engine.run({} as never, { runId: 'one' });
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const assessing = (prompt: string, more: number): AnyGraph =>
  graph('assessing', { state: fields({ total: last(0), text: last('') }) })
    .node('assess', async (_state, { effect }) => {
      const text = await effect('model', { prompt }, () => 'fine');
      return { delta: { total: 60.1 + more, text } };
    })
    .start('assess')
    .build() as unknown as AnyGraph;

it('shows a changed output beside a changed request, whose answer was the recorded one', async () => {
  const path = await recorded(assessing('Assess claim', 0));
  const { report } = await replay(assessing('Assess the claim', 1), path, { strictness: 'lenient' });
  expect(report.roots.map(({ place }) => report.divergences[place]?.path)).toEqual(['request.prompt', 'delta.total']);
});

const wide = (word: string): AnyGraph =>
  graph('wide', { state: fields({ found: append<string>() }) })
    .node('plan', (_state, { goto }) => ({ route: [goto('first'), goto('second'), goto('third')] }))
    .node('first', work(word, 1))
    .node('second', work(word, 2))
    .node('third', work(word, 3))
    .start('plan')
    .build() as unknown as AnyGraph;

interface Asks {
  readonly effect: (name: string, request: unknown, perform: () => string) => Promise<string>;
}

function work(word: string, number: number) {
  return async (_state: unknown, { effect }: Asks) => {
    const document = await effect('load', { number }, () => `document ${number}`);
    return { delta: { found: [await effect('model', { prompt: `${word} ${document}` }, () => 'found')] } };
  };
}

it('says nothing of what a task did that was under way when another failed', async () => {
  const path = await recorded(wide('Read'));
  const { report } = await replay(wide('Extract'), path);
  expect(report.verdict).toBe('diverged');
  expect(report.divergences.filter(({ kind }) => kind === 'unused effect')).toEqual([]);
  expect(report.divergences.filter(({ at }) => at.startsWith('2.1') || at.startsWith('2.2'))).not.toContainEqual(
    expect.objectContaining({ kind: 'error' }),
  );
});
