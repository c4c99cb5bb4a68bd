import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.ts';
import type { Correct } from './plant.ts';
import { recorded } from './recorded.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
/** Those that are tried in full where others are tried in part: each has something that no other has. */
const inFull = ['charge-after-a-timeout', 'clean-up', 'hedged-request', 'resumed-stream', 'retry', 'subgraphs'];
const folder = join(import.meta.dirname, 'correct');
for (const file of readdirSync(folder)) {
  const { correct } = (await import(join(folder, file))) as { correct: Correct };
  it(`outlives every crash and every failure: ${correct.title} (${file})`, async () => {
    const fixture = await recorded(correct.make());
    const isFull = isLong || inFull.includes(file.replace('.ts', ''));
    const report = await explore(correct.make, fixture, {
      schedules: isLong ? 200 : 10,
      crashes: isFull ? true : 6,
      faults: isFull ? 'all' : 'tools',
    });
    expect(report.finding).toBeUndefined();
    expect(['proved', 'no difference', 'nothing to explore']).toContain(report.verdict);
    const rung = report.rungs.find(({ name }) => name === 'crashes');
    if (rung?.name !== 'crashes' || 'skipped' in rung) throw new Error('no crash was tried');
    const { writes, requests, tried } = rung;
    expect(writes).toBeGreaterThan(2);
    if (isFull) expect(tried).toEqual({ beforeWrites: writes, afterWrites: writes, requests, twice: 0 });
    else expect(tried.beforeWrites + tried.afterWrites + tried.requests + tried.twice).toBe(6);
  }, 600_000);
}
