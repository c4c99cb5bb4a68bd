// A fixture of a drawn graph that was run in a drawn order.
import { join } from 'node:path';
import fc from 'fast-check';
import { exportRunTo } from '../../src/record/index.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { journalOf } from './journals.ts';
import type { GraphScript } from './reference/script.ts';
import { graphScript } from './scenario.ts';

export const recordedGraphs = fc.oneof(
  { weight: 2, arbitrary: graphScript(1) },
  { weight: 1, arbitrary: graphScript(1, 'wait everywhere') },
);

export const schedules = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' });

/** Its path in the folder, where it takes the place of the one before. */
export async function writtenFixture(folder: string, script: GraphScript, schedule: string): Promise<string> {
  const store = memoryStore();
  await journalOf(script, { maxConcurrent: 8, schedule, seed: 'seed', store });
  const path = join(folder, 'run.run.jsonl');
  await exportRunTo(store, 'run', path, { force: true });
  return path;
}
