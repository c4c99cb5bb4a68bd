// Whatever a run did, and in whatever order, its fixture replays: in both modes, strict and lenient. Two fixtures of
// one run, recorded in two orders, are the same run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { sharedFolder } from '../support/folder.ts';
import { journalOf } from './journals.ts';
import type { GraphScript } from './reference/script.ts';
import { graphScript } from './scenario.ts';
import { scriptedGraph } from './scripted-graph.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 3_000 : 90;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);

const folder = sharedFolder();
beforeAll(() => {
  console.log(`replays: ${numRuns} graphs, seed ${seed}`);
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

function canonicalBlock(path: string): string {
  const text = readFileSync(path, 'utf8');
  return text.slice(0, text.indexOf('{"block":"canonical"'));
}

it('a fixture of any run replays without a divergence', { timeout: isLong ? 3_600_000 : 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      graphs,
      schedule,
      fc.constantFrom('effects', 'outputs'),
      fc.constantFrom('strict', 'lenient'),
      async (script, order, mode, strictness) => {
        const path = await fixtureOf(script, order);
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
    fc.asyncProperty(graphs, schedule, schedule, async (script, first, second) => {
      const block = canonicalBlock(await fixtureOf(script, first));
      expect(canonicalBlock(await fixtureOf(script, second))).toBe(block);
    }),
    { numRuns, seed },
  );
});
