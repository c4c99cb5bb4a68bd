// A fixture of any size is written and read in bounded memory, because it is processed step by step.
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const [steps, gigabytesMin] = isLong ? [29_500, 2] : [1_000, 0.06];
const megabytesMax = 200;
// A small heap, since V8 otherwise decides for itself how much garbage to leave before it collects.
const flags = ['--max-old-space-size=64', '--max-semi-space-size=8'];

interface Result {
  readonly steps: number;
  readonly maxMegabytes: number;
}

async function inProcess(...given: readonly string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    'test/support/large-fixture-main.ts',
    ...given,
  ]);
  return JSON.parse(stdout) as Result;
}

it(`writes and reads a fixture of ${gigabytesMin} GB in less than ${megabytesMax} MB of memory`, {
  timeout: 600_000,
}, async () => {
  const path = join(temporaryFolder(), 'large.run.jsonl');
  const written = await inProcess('write', path, String(steps));
  expect(statSync(path).size).toBeGreaterThan(gigabytesMin * 1e9);
  const read = await inProcess('read', path);
  // Step 0 and the end of the run come on top of the steps with tasks.
  expect(read.steps).toBe(written.steps + 2);
  expect(written.maxMegabytes).toBeLessThan(megabytesMax);
  expect(read.maxMegabytes).toBeLessThan(megabytesMax);
});
