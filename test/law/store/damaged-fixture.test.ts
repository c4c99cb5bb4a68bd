// Whatever happens to the bytes of a fixture, reading it gives the whole recorded run or a coded error; never part of a
// run, a different run or a crash.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/base/digest.ts';
import type { Json } from '../../../src/base/encode.ts';
import { RepriseError } from '../../../src/base/error.ts';
import type { ErrorCode } from '../../../src/base/error.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { encodeEntry } from '../../../src/journal/codec/entry-codec.ts';
import { entriesOf, fixtureBytes, sealed } from '../../support/fixture-file.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { httpEffect, smallJournal } from '../../support/journals.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';
const numRuns = isLong ? 20_000 : 400;

const body = JSON.stringify({ items: [1, null, { a: 'b' }], text: 'word '.repeat(1_000) });
const journal: readonly Entry[] = [
  ...smallJournal().slice(0, 3),
  httpEffect('1.0#1', body, { observed: { began: 1, ended: 2, parts: [100, 200] } }),
  httpEffect('1.0#1', 'data: {"a":1}\n\ndata: [DONE]\n\n', { occurrence: 1 }),
  ...smallJournal().slice(3),
];
const whole = await fixtureBytes(journal);
const goldenBytes = readFileSync(new URL('../../../fixtures/format/v1.run.jsonl', import.meta.url));

const textOf = (entries: readonly Entry[]): string => `read ${digestOf(JSON.stringify(entries.map(encodeEntry)))}`;

/** The code of the error, or `read` and what was read. */
async function reading(path: string): Promise<ErrorCode | string> {
  try {
    return textOf(await entriesOf(path));
  } catch (thrown) {
    if (thrown instanceof RepriseError) return thrown.code;
    throw thrown;
  }
}

describe('a fixture', () => {
  it('that lacks any number of bytes at the end is refused, unless only the observed block is missing', async () => {
    const path = join(temporaryFolder(), 'cut.run.jsonl');
    const endOfCanonical = whole.indexOf('\n', whole.indexOf('{"block":"canonical"')) + 1;
    const step = isLong ? 1 : 61;
    for (let length = 0; length < whole.length; length += step) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await reading(path), `${length} bytes`).toMatch(
        length === endOfCanonical ? /^read / : /^fixture-damaged$/,
      );
    }
    writeFileSync(path, whole.subarray(0, endOfCanonical));
    expect((await entriesOf(path)).map(({ kind }) => kind)).toEqual(journal.map(({ kind }) => kind));
  });

  it('with any byte changed is refused', async () => {
    const path = join(temporaryFolder(), 'edited.run.jsonl');
    await fc.assert(
      fc.asyncProperty(fc.nat(goldenBytes.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const edited = Buffer.from(goldenBytes);
        edited[place] = (edited[place] ?? 0) ^ change;
        writeFileSync(path, edited);
        expect(['fixture-damaged', 'fixture-version-unknown']).toContain(await reading(path));
      }),
      { numRuns },
    );
  });

  it('that is compressed is refused with any byte changed', async () => {
    const path = join(temporaryFolder(), 'edited.run.jsonl.zst');
    const packed = zstdCompressSync(whole);
    writeFileSync(path, packed);
    const read = await reading(path);
    expect(read.startsWith('read ')).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const edited = Buffer.from(packed);
        edited[place] = (edited[place] ?? 0) ^ change;
        writeFileSync(path, edited);
        // A bit of the frame may be unused; then what is read is what was written.
        expect(['fixture-damaged', 'fixture-version-unknown', read]).toContain(await reading(path));
      }),
      { numRuns: numRuns / 4 },
    );
    for (let length = 0; length < packed.length; length += 7) {
      writeFileSync(path, packed.subarray(0, length));
      expect(await reading(path), `${length} bytes`).toBe('fixture-damaged');
    }
    for (const more of ['x', '\n', packed.subarray(0, 10)]) {
      writeFileSync(path, Buffer.concat([packed, Buffer.from(more)]));
      expect(await reading(path)).toBe('fixture-damaged');
    }
  });
});

/** A value of another type, one that breaks code that turns it into text, and some that look like parts. */
const wrongValues: readonly Json[] = [
  null,
  true,
  -1,
  1e300,
  '',
  'no such thing',
  [],
  [null],
  {},
  { toString: 1, valueOf: 1 },
  { $part: 'x' },
  { $list: ['x'] },
  { $body: 2 },
  { $json: [] },
  { $error: { name: 'x', message: 'x', fields: { name: 1, stack: 2 } } },
];

describe('a fixture whose digests match what was changed', () => {
  const lines = whole.toString().split('\n').slice(0, -1);
  const endOfCanonical = lines.findIndex((line) => line.startsWith('{"block":"canonical"'));
  const canonical = lines.slice(0, endOfCanonical);
  const observed = lines.slice(endOfCanonical + 1, -1);

  async function readsOrRefuses(
    path: string,
    canonicalLines: readonly string[],
    observedLines: readonly string[],
  ): Promise<void> {
    writeFileSync(path, sealed(canonicalLines, observedLines));
    const read = await reading(path);
    if (!read.startsWith('read ')) expect(['fixture-damaged', 'fixture-version-unknown']).toContain(read);
  }

  it('is read or refused, whatever its values are', async () => {
    const file = join(temporaryFolder(), 'changed.run.jsonl');
    for (const [index, line] of lines.entries()) {
      if (line.startsWith('{"block"')) continue;
      for (const path of paths(JSON.parse(line) as Json)) {
        for (const wrong of wrongValues) {
          const changed = JSON.stringify(replaced(JSON.parse(line) as Json, path, wrong));
          if (index < endOfCanonical) await readsOrRefuses(file, canonical.with(index, changed), observed);
          else await readsOrRefuses(file, canonical, observed.with(index - endOfCanonical - 1, changed));
        }
      }
    }
  });

  it('is read or refused, whichever lines are missing, doubled or reordered', async () => {
    const file = join(temporaryFolder(), 'changed.run.jsonl');
    const order = fc.array(fc.nat(canonical.length - 1), { maxLength: canonical.length + 2 });
    await fc.assert(
      fc.asyncProperty(order, fc.shuffledSubarray([...observed]), async (indices, observedLines) => {
        const body = indices.map((index) => canonical[index] as string);
        await readsOrRefuses(file, body, observedLines);
        await readsOrRefuses(file, [canonical[0] as string, ...body], observedLines);
      }),
      { numRuns },
    );
  });
});

function paths(json: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof json !== 'object' || json === null) return [path];
  return [path, ...Object.entries(json).flatMap(([key, item]) => paths(item as Json, [...path, key]))];
}

function replaced(json: Json, [key, ...rest]: readonly string[], by: Json): Json {
  if (key === undefined) return by;
  const copy = structuredClone(json) as Record<string, Json>;
  copy[key] = replaced(copy[key] as Json, rest, by);
  return copy;
}
