// The commands of a report work as they are pasted: each is about one fixture, and none is named that is known to be refused.
import { join } from 'node:path';
import { append, createEngine, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { compareRuns } from 'reprise/diff';
import { exportRunTo } from 'reprise/record';
import { openRun, replay } from 'reprise/replay';
import { expect, it } from 'vitest';
import { comparisonText } from '../../../src/report/divergence/comparison-text.ts';
import { pageReport } from '../../../src/report/page/page-report.ts';
import { replayText } from '../../../src/report/divergence/replay-text.ts';
import { temporaryFolder } from '../../support/folder.ts';

const desk = (word: string): AnyGraph =>
  graph('desk', { state: fields({ log: append<string>() }) })
    .node('one', () => ({ delta: { log: [word] } }))
    .node('two', async ({ log }, { effect }) => ({ delta: { log: [await effect('ask', { log }, () => 'yes')] } }))
    .edge('one', 'two')
    .start('one')
    .build() as unknown as AnyGraph;

async function recorded(word: string): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(desk(word), { store });
  const run = await engine.run({}, { runId: word, seed: 'seed' });
  return exportRunTo(store, run.id, join(temporaryFolder(), `${word}.run.jsonl`));
}

/** In one line, with the paths of a folder that is another each time left out. */
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/\/\S*\/(\w+\.run)/g, '$1');

it('names both ways to accept a change of which the rest is not known', async () => {
  const { report } = await replay(desk('b'), await recorded('a'));
  const text = plain(replayText(report, undefined, undefined, { graph: 'src/desk.ts' }));
  expect(text).toContain('accept it with `npx reprise replay a.run.jsonl --graph src/desk.ts --update`');
  expect(text).toContain(
    'stopped after step 1; --lenient continues from the recorded values and finds further differences ' +
      'if a later request differs too, what accepts both is `npx reprise replay a.run.jsonl --graph src/desk.ts --update --live`',
  );
});

it('speaks of the options of a matcher in a test', async () => {
  const { report } = await replay(desk('b'), await recorded('a'));
  const commands = { update: 'npx vitest run a.test.ts -u', lenient: "`{ strictness: 'lenient' }`" };
  const text = plain(replayText(report, undefined, undefined, commands));
  expect(text).toContain('accept it with `npx vitest run a.test.ts -u`');
  expect(text).toContain("stopped after step 1; `{ strictness: 'lenient' }` continues");
  expect(text).not.toContain('--lenient');
});

it('offers nothing again that was refused', async () => {
  const { report } = await replay(desk('b'), await recorded('a'));
  const text = replayText(report, undefined, undefined, { isRefused: true });
  expect(text).toContain('look at what changed in the node and in what it imports\n');
  expect(text).not.toMatch(/accept|--update|stopped after/);
});

it('shows the graph that has changed', async () => {
  const path = await recorded('a');
  const other = graph('desk', { state: fields({ log: append<string>() }) })
    .node('three', () => ({ delta: { log: ['three'] } }))
    .start('three')
    .build() as unknown as AnyGraph;
  const { report } = await replay(other, path);
  expect(plain(replayText(report, undefined, undefined, {}))).toContain('see the change with `npx reprise graph desk`');
  expect(plain(replayText(report, undefined, undefined, { graph: 'desk.ts#desk' }))).toContain(
    "see the change with `npx reprise graph 'desk.ts#desk'`".replaceAll("'", ''),
  );
});

it('accepts the difference of two recorded runs in none of them', async () => {
  const paths = [await recorded('a'), await recorded('b')] as const;
  const [left, right] = await Promise.all(paths.map((path) => openRun({ kind: 'fixture', path })));
  const comparison = await compareRuns(left as never, right as never);
  const names = { recorded: 'a', replayed: 'b', reproduce: 'npx reprise diff a b' };
  expect(comparisonText(comparison, names)).not.toContain('reprise replay');
  const page = { text: '', isGood: false };
  expect(pageReport(comparison, page).roots.map(({ next }) => next)).toEqual([
    'look at what changed in the node and in what it imports',
  ]);
});
