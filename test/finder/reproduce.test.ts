// What a report prints can be pasted: the schedule alone shows the same difference, in an exploration that has seen nothing else.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AnyGraph } from '../../src/index.ts';
import { explore } from '../../src/explore/explore.ts';
import type { ExploreReport } from '../../src/explore/explore.ts';
import type { ExploreOptions } from '../../src/explore/explore-options.ts';
import { graphOf } from './proof/scenario.ts';
import { tellingScenarios } from './proof/scenarios.ts';
import { recorded } from './recorded.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_129);

function rootsOf({ finding }: ExploreReport): unknown {
  return finding?.divergences
    .filter(({ follows }) => follows === undefined)
    .map(({ kind, at, path, recorded: was, replayed: is }) => ({ kind, at, path, was, is }));
}

async function reproduces(make: () => AnyGraph, fixture: string, options: ExploreOptions): Promise<boolean> {
  const report = await explore(make, fixture, options);
  if (report.finding === undefined) return false;
  const again = await explore(make, fixture, { ...options, only: report.finding.schedule });
  expect(again.verdict).toBe('found');
  expect(rootsOf(again)).toEqual(rootsOf(report));
  return true;
}

it('holds in graphs that race for what they ask for, recorded in any order', { timeout: 3_600_000 }, async () => {
  let foundCount = 0;
  const delays = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(tellingScenarios(5_000), delays, async (scenario, ms) => {
      const make = () => graphOf(scenario);
      let asked = 0;
      const fixture = await recorded(graphOf(scenario, () => ms[asked++ % ms.length] as number));
      if (await reproduces(make, fixture, { schedules: 40 })) foundCount += 1;
    }),
    { seed, numRuns: isLong ? 1_000 : 40, endOnFailure: !isLong },
  );
  expect(foundCount).toBeGreaterThan(isLong ? 200 : 5);
});
