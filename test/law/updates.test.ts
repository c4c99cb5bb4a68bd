// Whatever a run did: a fixture that is read whole and written again is the same file, and code that does the same leaves
// it alone. So an update changes nothing but what the code changed.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { replay } from '../../src/replay/index.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { updateFixture } from '../../src/update/update-fixture.ts';
import { fixtureBytes } from '../support/fixture-file.ts';
import { sharedFolder } from '../support/folder.ts';
import { scriptedGraph } from './scripted-graph.ts';
import { recordedGraphs, schedules, writtenFixture } from './written-fixture.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 3_000 : 25;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_129);
const timeout = isLong ? 3_600_000 : 240_000;
const folder = sharedFolder();

beforeAll(() => {
  console.log(`updates: ${numRuns} graphs, seed ${seed}`);
});

it('a fixture that is read whole and written again is the same file, and the same code leaves it alone', {
  timeout,
}, async () => {
  await fc.assert(
    fc.asyncProperty(recordedGraphs, schedules, async (script, order) => {
      const path = await writtenFixture(folder, script, order);
      const before = readFileSync(path, 'utf8');
      using fixture = await openFixture(path);
      const entries = [...fixture.wholeSteps()].flatMap(({ happened }) => happened);
      expect((await fixtureBytes(entries)).toString('utf8')).toBe(before);
      const { report } = await replay(scriptedGraph(script), path);
      expect(report.divergences).toEqual([]);
      expect((await updateFixture(scriptedGraph(script), path)).verdict).toBe('unchanged');
      expect(readFileSync(path, 'utf8')).toBe(before);
    }),
    { numRuns, seed, endOnFailure: true },
  );
});
