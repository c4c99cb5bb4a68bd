// The product's central promise: the canonical journal is a function of graph, input, seed and world, at any
// concurrency and in any order of completion. It is checked against a reference that knows neither.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTextOf } from '../../src/base/canonical-json.ts';
import { canonicalValue } from '../../src/base/value.ts';
import { journalOf, plainEntries, referenceOf } from './journals.ts';
import { graphScript, withGates } from './scenario.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 10_000 : 120;
const seed = Number(process.env.REPRISE_TEST_SEED ?? 20_261_123);

const limits = fc.constantFrom(1, 2, 8, Number.POSITIVE_INFINITY);

describe('one semantics; concurrency is only a knob', () => {
  it('gives the canonical journal of the reference, whatever the order and concurrency', {
    timeout: isLong ? 3_600_000 : 120_000,
  }, async () => {
    console.log(`one semantics: ${numRuns} graphs, seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(
        withGates(graphScript(2, 'wait everywhere')),
        limits,
        fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }),
        async ([script, pauses], maxConcurrent, schedule) => {
          const entries = await journalOf(script, { maxConcurrent, schedule, seed: 'seed', pauses });
          expect(lines(plainEntries(entries))).toEqual(lines(referenceOf(script, 'seed')));
        },
      ),
      { numRuns, seed },
    );
  });
});

function lines(entries: readonly object[]): readonly string[] {
  return entries.map((entry) => canonicalTextOf(canonicalValue(entry, 'entry')));
}
