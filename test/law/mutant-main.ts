// Runs the law in its own copy of the tree, where the engine may have been mutated, and reports whether the law
// noticed.
import fc from 'fast-check';
import { canonicalTextOf } from '../../src/base/canonical-json.ts';
import { canonicalValue } from '../../src/base/value.ts';
import { journalOf, plainEntries, referenceOf } from './journals.ts';
import { graphScript } from './scenario.ts';

const numRuns = 400;
const hangMs = 10_000;

const textOf = (entries: readonly object[]): string =>
  entries.map((entry) => canonicalTextOf(canonicalValue(entry, 'entry'))).join('\n');

const law = fc.asyncProperty(
  graphScript(1),
  fc.constantFrom(1, 8),
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme-ascii' }),
  async (script, maxConcurrent, schedule) => {
    const journal = journalOf(script, { maxConcurrent, schedule, seed: 'seed' });
    const hung = new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error('hung')), hangMs).unref());
    return textOf(plainEntries(await Promise.race([journal, hung]))) === textOf(referenceOf(script, 'seed'));
  },
);

const result = await fc.check(law, { numRuns, seed: 1, endOnFailure: true });
process.stdout.write(JSON.stringify({ caught: result.failed, after: result.numRuns }));
process.exit(0);
