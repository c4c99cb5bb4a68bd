// Runs of random graphs are compared with themselves, with the same run in a different order, and with changed runs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../../src/diff/index.ts';
import type { Comparison, Divergence } from '../../../src/diff/index.ts';
import { canonicalSteps } from '../../../src/journal/run/canonical.ts';
import type { Entry, RunEntry } from '../../../src/journal/entry.ts';
import { journalOf } from '../journals.ts';
import { graphScript } from '../scenario.ts';
import { mutationsOf } from './mutations.ts';
import type { Step } from './mutations.ts';

const numRuns = process.env.REPRISE_TEST_SIZE === 'long' ? 3_000 : 120;
const mutationsPerRun = 40;

const limits = fc.constantFrom(1, 2, Number.POSITIVE_INFINITY);
const schedules = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme-ascii' });

function stepsOf(entries: readonly Entry[]): readonly Step[] {
  return [...canonicalSteps(entries)];
}

function compare(recorded: readonly Step[], replayed: readonly Step[]): Promise<Comparison> {
  const run = recorded[0]?.entries.find((entry) => entry.kind === 'run') as RunEntry;
  return compareRuns({ run, steps: recorded }, { run, steps: replayed });
}

function rootOf(divergences: readonly Divergence[], place: number): number {
  const follows = divergences[place]?.follows;
  return follows === undefined ? place : rootOf(divergences, follows);
}

describe('two runs compared', () => {
  it('are the same if only time, order and concurrency differ', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graphScript(2), limits, schedules, schedules, async (script, maxConcurrent, one, other) => {
        const recorded = stepsOf(await journalOf(script, { maxConcurrent, schedule: one, seed: 'seed' }));
        const replayed = stepsOf(await journalOf(script, { maxConcurrent: 8, schedule: other, seed: 'seed' }));
        expect(await compare(recorded, replayed)).toMatchObject({ verdict: 'same', divergences: [] });
      }),
      { numRuns },
    );
  });

  it('differ first where one of them was changed, and all else follows from it', {
    timeout: 600_000,
  }, async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(graphScript(2), schedules, fc.infiniteStream(fc.nat()), async (script, schedule, draws) => {
        const recorded = stepsOf(await journalOf(script, { maxConcurrent: 4, schedule, seed: 'seed' }));
        const all = mutationsOf(recorded);
        for (let count = 0; count < Math.min(mutationsPerRun, all.length); count += 1) {
          const mutation = all[(draws.next().value as number) % all.length];
          if (mutation === undefined) break;
          const { divergences } = await compare(recorded, mutation.steps);
          const [first] = divergences;
          const about = `${mutation.name} at ${mutation.at}`;
          expect([about, first?.kind, first?.at, first?.step]).toEqual([
            about,
            mutation.kind,
            mutation.at,
            mutation.step,
          ]);
          expect([about, ...divergences.map((_found, place) => rootOf(divergences, place))]).toEqual([
            about,
            ...divergences.map(() => 0),
          ]);
          seen.set(mutation.name, (seen.get(mutation.name) ?? 0) + 1);
        }
      }),
      { numRuns },
    );
    expect([...seen.keys()].sort()).toMatchInlineSnapshot(`
      [
        "a cancel",
        "a conflict",
        "a reducer that does otherwise",
        "a task less",
        "a task more",
        "an effect less",
        "an effect more",
        "an item more",
        "another answer",
        "another error",
        "another name",
        "another number",
        "another payload",
        "another request",
        "another route",
        "other arrivals",
        "other data",
      ]
    `);
  });
});
