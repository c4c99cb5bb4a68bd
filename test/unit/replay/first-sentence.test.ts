// The first sentence of a report says the same as the class below it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createEngine } from '../../../src/create-engine.ts';
import type { AnyGraph } from '../../../src/graph/built-graph.ts';
import { graph } from '../../../src/graph/build/builder.ts';
import { last } from '../../../src/graph/field.ts';
import { fields } from '../../../src/graph/state.ts';
import { exportRunTo } from '../../../src/record/export-run.ts';
import { replay } from '../../../src/replay/replay.ts';
import { replayText } from '../../../src/report/divergence/replay-text.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { sealFixture } from '../../../src/update/seal-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';

const drafting = (name: string): AnyGraph =>
  graph('drafting', { state: fields({ text: last('') }) })
    .node('plan', (_state, { goto }) => ({ route: goto(name as never) }))
    .node(name, () => ({ delta: { text: 'Dear Bob' } }))
    .node('send' as never, () => ({ delta: {} }))
    .edge(name as never, 'send' as never)
    .start('plan')
    .build() as unknown as AnyGraph;

async function recorded(): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(drafting('draft'), { store });
  await engine.run({} as never, { runId: 'one' });
  return exportRunTo(store, 'one', join(temporaryFolder(), 'one.run.jsonl'));
}

const headlineOf = (text: string): string => (text.split('\n\n')[0] ?? '').replace(/\s+/g, ' ');

it('where a node is named otherwise', async () => {
  const { report } = await replay(drafting('compose'), await recorded());
  expect(report.roots.map(({ place, class: name }) => [report.divergences[place]?.kind, name])).toEqual([
    ['graph', 'graph changed'],
    ['route', 'graph changed'],
  ]);
  const text = replayText(report);
  expect(headlineOf(text)).toContain('and graph.nodes["draft"] is named "compose" now');
  expect(text).not.toContain('so the cause is');
});

it('where somebody has edited the fixture', async () => {
  const path = await recorded();
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('Dear Bob', 'Dear Ann'));
  await sealFixture(path);
  const { report } = await replay(drafting('draft'), path);
  expect(report.roots).toMatchObject([{ class: 'fixture stale or edited' }]);
  const headline = headlineOf(replayText(report));
  expect(headline).toContain('the fixture was edited by hand, so the cause is that edit, unless it is its code');
  expect(headline).not.toContain('are the same');
});
