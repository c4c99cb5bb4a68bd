// Twenty fixtures that differ by one change are one report and nineteen lines.
import { join } from 'node:path';
import { append, createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import type { ReplayReport } from 'reprise/replay';
import { causeKey, sameCauseText } from 'reprise/report';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../support/folder.ts';

interface Code {
  readonly word?: string;
  readonly other?: string;
  readonly isSwapped?: boolean;
}

function desk({ word = 'a', other = 'b', isSwapped = false }: Code): AnyGraph {
  const built = graph('desk', { state: fields({ who: last('nobody'), log: append<string>() }) })
    .node('one', ({ who }) => ({ delta: { log: [`${word} ${who}`] } }))
    .node('two', ({ log }) => ({ delta: { log: [`${other} ${log.length}`] } }));
  const joined = isSwapped ? built.edge('two', 'one').start('two') : built.edge('one', 'two').start('one');
  return joined.build() as unknown as AnyGraph;
}

async function reportOf(code: Code, who: string): Promise<ReplayReport> {
  const store = memoryStore();
  await using engine = createEngine(desk({}), { store });
  const run = await engine.run({ who }, { runId: who, seed: 'seed' });
  const path = await exportRunTo(store, run.id, join(temporaryFolder(), `${who}.run.jsonl`));
  return { ...(await replay(desk(code), path)).report, fixture: `${who}.run.jsonl` };
}

it.each([
  ['an output', { word: 'A' }],
  ['the graph', { isSwapped: true }],
] as const)('knows %s that is changed in all of them', async (_what, code) => {
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((who) => reportOf(code, who)));
  expect(causeKey(ada as ReplayReport)).toBeDefined();
  expect(causeKey(bob as ReplayReport)).toBe(causeKey(ada as ReplayReport));
});

it('says in a line where it is in each', async () => {
  expect(sameCauseText(await reportOf({ word: 'A' }, 'bob'), 'ada.run.jsonl')).toBe(
    'bob.run.jsonl: diverged, the same as in ada.run.jsonl: the output of "one" in step 1 (1.0#1) differs\n' +
      '  at delta.log[0]\n',
  );
});

it('tells other causes apart, and shows what is more than a cause', async () => {
  const changed = await reportOf({ word: 'A' }, 'ada');
  const others = await Promise.all([reportOf({ other: 'B' }, 'ada'), reportOf({ isSwapped: true }, 'ada')]);
  const keys = [changed, ...others].map((report) => causeKey(report));
  expect(new Set(keys).size).toBe(3);
  expect(causeKey({ ...changed, isEdited: true })).not.toBe(keys[0]);
  expect(causeKey(await reportOf({}, 'ada'))).toBeUndefined();
  expect(causeKey({ ...changed, refused: [{ what: 'a socket' }] })).toBeUndefined();
  expect(causeKey({ ...changed, verdict: 'not deterministic' })).toBeUndefined();
});
