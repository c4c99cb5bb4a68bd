// Whatever a run did: a fixture that is read whole and written again is the same file, and code that does the same leaves
// it alone. So an update changes nothing but what the code changed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { openFixture } from '../../src/store/fixture/open-fixture.ts';
import { updateFixture } from '../../src/update/update-fixture.ts';
import { fixtureBytes } from '../support/fixture-file.ts';
import { sharedFolder } from '../support/folder.ts';
import { journalOf } from './journals.ts';
import type { GraphScript } from './reference/script.ts';
import { graphScript } from './scenario.ts';
import { scriptedGraph } from './scripted-graph.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 3_000 : 25;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_129);
const timeout = isLong ? 3_600_000 : 120_000;
const folder = sharedFolder();

beforeAll(() => {
  console.log(`updates: ${numRuns} graphs, seed ${seed}`);
});

const graphs = fc.oneof(
  { weight: 2, arbitrary: graphScript(1) },
  { weight: 1, arbitrary: graphScript(1, 'wait everywhere') },
);
const schedule = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });

async function fixtureOf(script: GraphScript, order: string): Promise<string> {
  const store = memoryStore();
  await journalOf(script, { maxConcurrent: 8, schedule: order, seed: 'seed', store });
  const path = join(folder, 'run.run.jsonl');
  await exportRunTo(store, 'run', path, { force: true });
  return path;
}

it('a fixture that is read whole and written again is the same file, and the same code leaves it alone', {
  timeout,
}, async () => {
  await fc.assert(
    fc.asyncProperty(graphs, schedule, async (script, order) => {
      const path = await fixtureOf(script, order);
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
