import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEntries } from '../../../src/journal/run/canonical.ts';
import { encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { lineText } from '../../../src/journal/codec/parts.ts';
import { redactEntry } from '../../../src/journal/redact/redact-entry.ts';
import { RedactionMarks } from '../../../src/journal/redact/redaction-marks.ts';
import { journals } from '../../support/arbitrary-journal.ts';
import { entriesOf, fixtureBytes } from '../../support/fixture-file.ts';
import { sharedFolder } from '../../support/folder.ts';

const folder = sharedFolder();
const path = join(folder, 'a.run.jsonl');

async function readBack(bytes: Uint8Array): Promise<readonly Entry[]> {
  writeFileSync(path, bytes);
  return entriesOf(path);
}

/** Compared as texts, which distinguish all values. */
function canonicalTexts(entries: readonly Entry[]): readonly string[] {
  return entries.map((entry) => lineText({ ...encodeEntry(entry), observed: null }));
}

function redacted(entries: readonly Entry[]): readonly Entry[] {
  const marks = new RedactionMarks();
  return entries.map((entry) => redactEntry(entry, marks));
}

function partsOf(entries: readonly Entry[]): readonly unknown[] {
  return entries.flatMap((entry) => (entry.kind === 'effect' ? [entry.observed.parts] : []));
}

describe('a fixture', () => {
  it('restores exactly what is canonical in a journal, and the parts in which bodies arrived', async () => {
    await fc.assert(
      fc.asyncProperty(journals, async ({ entries }) => {
        const expected = redacted(canonicalEntries(entries));
        const read = await readBack(await fixtureBytes(entries));
        expect(canonicalTexts(read)).toEqual(canonicalTexts(expected));
        expect(partsOf(read)).toEqual(partsOf(expected));
        expect(read[0]?.observed).toEqual(entries[0]?.observed);
      }),
    );
  });

  it('rewritten from what was read has the same canonical block', async () => {
    await fc.assert(
      fc.asyncProperty(journals, async ({ entries }) => {
        const bytes = await fixtureBytes(entries, { observed: false });
        const again = await fixtureBytes(await readBack(bytes), { observed: false });
        expect(again.toString()).toBe(bytes.toString());
      }),
    );
  });

  it('has short lines wherever a value can be split, and plain JSON', async () => {
    await fc.assert(
      fc.asyncProperty(journals, async ({ entries }) => {
        const lines = (await fixtureBytes(entries)).toString('utf8').split('\n');
        expect(lines.pop()).toBe('');
        expect(lines.filter((line) => line.length >= 8_000)).toEqual([]);
        expect(lines.filter((line) => typeof JSON.parse(line) !== 'object')).toEqual([]);
      }),
    );
  });

  it('has a canonical block that does not reveal the order in which things happened', async () => {
    const mixed = journals.chain(({ entries, steps }) =>
      fc
        .tuple(...steps.map((step) => mixedStep(step)))
        .map((parts) => ({ entries, mixed: parts.flat() as readonly Entry[] })),
    );
    await fc.assert(
      fc.asyncProperty(mixed, async ({ entries, mixed }) => {
        const options = { observed: false };
        expect((await fixtureBytes(mixed, options)).toString()).toBe((await fixtureBytes(entries, options)).toString());
      }),
    );
  });
});

/** A store holds a step's entries in any order, with its commit last. */
function mixedStep(step: readonly Entry[]): fc.Arbitrary<readonly Entry[]> {
  const last = step.at(-1);
  const isCommitted = last?.kind === 'commit' && !last.at.includes('/');
  const free = isCommitted ? step.slice(0, -1) : step;
  return fc
    .shuffledSubarray([...free], { minLength: free.length })
    .map((mixed) => (isCommitted ? [...mixed, last] : mixed));
}
