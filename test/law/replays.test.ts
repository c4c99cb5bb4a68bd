// Whatever a run did, and in whatever order, its fixture replays: in both modes, strict and lenient. Two fixtures of
// one run, recorded in two orders, are the same run.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { replay } from '../../src/replay/index.ts';
import { sharedFolder } from '../support/folder.ts';
import { scriptedGraph } from './scripted-graph.ts';
import { recordedGraphs, schedules, writtenFixture } from './written-fixture.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 3_000 : 90;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);

const folder = sharedFolder();
beforeAll(() => {
  console.log(`replays: ${numRuns} graphs, seed ${seed}`);
});

function canonicalBlock(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text.slice(0, text.indexOf('{"block":"canonical"'));
}

it('a fixture of any run replays without a divergence', { timeout: isLong ? 3_600_000 : 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      recordedGraphs,
      schedules,
      fc.constantFrom('effects', 'outputs'),
      fc.constantFrom('strict', 'lenient'),
      async (script, order, mode, strictness) => {
        const path = await writtenFixture(folder, script, order);
        const { report } = await replay(scriptedGraph(script), path, { mode, strictness });
        expect(report.divergences).toEqual([]);
        expect(report.verdict).toBe('same');
      },
    ),
    { numRuns, seed },
  );
});

it('two recordings of one run in different orders have the same canonical block', {
  timeout: isLong ? 3_600_000 : 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(recordedGraphs, schedules, schedules, async (script, first, second) => {
      const block = canonicalBlock(await writtenFixture(folder, script, first));
      expect(canonicalBlock(await writtenFixture(folder, script, second))).toBe(block);
    }),
    { numRuns, seed },
  );
});
