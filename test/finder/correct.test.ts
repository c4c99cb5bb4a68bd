import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.ts';
import type { Correct } from './plant.ts';
import { recorded } from './recorded.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const timeLimitMs = isLong ? 600_000 : 150_000;
const seeds = Array.from({ length: isLong ? 20 : 1 }, (_, number) => String(number));

const folder = join(import.meta.dirname, 'correct');
for (const file of readdirSync(folder)) {
  const { correct } = (await import(join(folder, file))) as { correct: Correct };
  it(
    `finds nothing in: ${correct.title} (${file})`,
    async () => {
      const fixture = await recorded(correct.make());
      for (const seed of seeds) {
        const report = await explore(correct.make, fixture, { seed, schedules: 200 });
        expect(report.finding).toBeUndefined();
        expect(report.uncontrolled).toEqual([]);
        expect(['proved', 'no difference', 'nothing to explore']).toContain(report.verdict);
      }
    },
    timeLimitMs,
  );
}
