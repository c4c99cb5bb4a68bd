// A binary body is kept as base64, whose letters hold the form of a key by chance once in a while. That is no key, and its bytes
// stay as they are. A key that stands in the bytes themselves is found, however large the body is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../src/base/error.ts';
import { canonicalValue } from '../../../src/base/value.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { entriesOf, fileOf, fixtureBytes } from '../../support/fixture-file.ts';
import { commitEntry, effectEntry, endEntry, graphOf, outcomeEntry, runEntry } from '../../support/journals.ts';
import { plantedSecrets } from '../../support/planted-secrets.ts';

const isLong = process.env.REPRISE_TEST_SIZE === 'long';

/** Keys in the alphabet of base64, each after a letter that ends a word and in whole groups of four. */
const chances = [
  `///AI${'za'}SyD4e5f6G7h8I9j0K1l2M3n4O5p6Q7r8S`,
  `+++AK${'IA'}ABCDEFGHIJKLMNOPxy/+`,
  `+/+AI${'za'}${'A'.repeat(41)}`,
  `a//AB${'SK'}${'Zm9vYmFy'.repeat(9)}`,
  `//+dG${'9rO'}${'mFiY2Rl'.repeat(9)}`,
].map((text) => text.padEnd(Math.ceil(text.length / 4) * 4, 'A'));

/** Names so short that they stand in many a photograph. */
const names = ['PW=', 'pw=', '"pwd":"', '&sig=', '\nPWD:'];

function bodyEffect(body: Uint8Array | string): Entry {
  const value = canonicalValue(
    { status: 200, headers: [['content-type', 'application/octet-stream']], body },
    'answer',
  );
  return effectEntry('1.0#1', {
    type: 'http',
    name: 'GET api.example',
    request: { method: 'GET', origin: 'https://api.example', path: '/file' },
    outcome: { kind: 'value', value },
  });
}

function runOf(body: Uint8Array | string): readonly Entry[] {
  return [
    runEntry('r', graphOf()),
    commitEntry('0', { input: { text: '' }, frontier: [{ node: 'ask' }] }),
    bodyEffect(body),
    outcomeEntry('1.0#1', { result: { status: 'done', delta: { text: '' } } }),
    commitEntry('1'),
    endEntry(),
  ];
}

/** The body as a fixture gives it back. */
async function keptBody(body: Uint8Array | string): Promise<Buffer> {
  const entries = await entriesOf(fileOf(await fixtureBytes(runOf(body))));
  const effect = entries.find(({ kind }) => kind === 'effect') as unknown as {
    outcome: { value: { body: Uint8Array } };
  };
  return Buffer.from(effect.outcome.value.body);
}

/** Bytes that no text has, the same for the same number. */
function noise(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = (seed * 2_654_435_761 + 97) >>> 0;
  for (let place = 0; place < length; place += 1) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    bytes[place] = state >>> 24;
  }
  bytes[0] = 0;
  return bytes;
}

/** The body with `put` at about a part of its length, at a whole group of base64. */
function withAt(body: Buffer, put: Buffer, part: number): Buffer {
  const place = Math.floor(((body.length - put.length) * part) / 3) * 3;
  return Buffer.concat([body.subarray(0, place), put, body.subarray(place + put.length)]);
}

/** Texts that hold a file. */
const texts: readonly ((encoded: string) => string)[] = [
  (encoded) => encoded,
  (encoded) => `data:application/pdf;base64,${encoded}`,
  (encoded) => JSON.stringify({ image: encoded, n: 1 }),
  (encoded) => JSON.stringify({ images: [{ url: `data:image/png;base64,${encoded}` }] }, null, 2),
  (encoded) => `data: {"type":"image","b64_json":"${encoded}"}\n\ndata: [DONE]\n\n`,
];

const part = fc.double({ min: 0.001, max: 1, noNaN: true });
const length = fc.integer({ min: 1_000, max: 60_000 });

describe('a binary body', { timeout: isLong ? 600_000 : 180_000 }, () => {
  it('with the form of a key in its base64 by chance is kept as it is', async () => {
    const property = fc.asyncProperty(
      fc.nat(),
      length,
      fc.constantFrom(...chances),
      part,
      async (seed, size, chance, where) => {
        const body = withAt(noise(seed, size), Buffer.from(chance, 'base64'), where);
        expect(body.toString('base64')).toContain(chance);
        expect((await keptBody(body)).equals(body)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: isLong ? 2_000 : 100 });
  });

  it('with the name of a credential in its bytes by chance is kept as it is', async () => {
    const property = fc.asyncProperty(
      fc.nat(),
      length,
      fc.constantFrom(...names),
      part,
      async (seed, size, name, where) => {
        const body = withAt(noise(seed, size), Buffer.from(`\u0005${name}\b\u00ff0rq\u0090jI\u0001`, 'latin1'), where);
        expect((await keptBody(body)).equals(body)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: isLong ? 1_000 : 60 });
  });

  it('with a cookie that is a setting is kept as it is', async () => {
    const body = withAt(noise(1, 2_000), Buffer.from('\r\nSet-Cookie: ab\r\nCookie: a=1\r\n\r\n'), 0.5);
    expect((await keptBody(body)).equals(body)).toBe(true);
  });

  it('in the text of an answer is kept as well', async () => {
    const property = fc.asyncProperty(
      fc.nat(),
      length,
      fc.constantFrom(...chances),
      part,
      fc.constantFrom('base64' as const, 'base64url' as const),
      fc.constantFrom(...texts),
      async (seed, size, chance, where, encoding, write) => {
        const body = withAt(noise(seed, size), Buffer.from(chance, 'base64'), where);
        const text = write(body.toString(encoding));
        expect((await keptBody(text)).toString()).toBe(text);
        expect((await keptBody(Buffer.from(text))).toString()).toBe(text);
      },
    );
    await fc.assert(property, { numRuns: isLong ? 1_000 : 60 });
  });

  it('that holds a key holds none in its fixture', async () => {
    const secrets = plantedSecrets(3).filter(({ kind }) =>
      /openai|anthropic|aws id|github|gitlab|google|npm/.test(kind),
    );
    expect(secrets.length).toBeGreaterThan(8);
    const property = fc.asyncProperty(
      fc.nat(),
      length,
      fc.constantFrom(...secrets),
      part,
      async (seed, size, { secret }, where) => {
        const body = withAt(noise(seed, size), Buffer.from(`\0${secret}\0{"password":"Gül7ay-Xw3"}\0`), where);
        const kept = await keptBody(body);
        expect(kept.includes('l7ay-Xw3')).toBe(false);
        expect(kept.includes(secret)).toBe(false);
        expect(kept).toHaveLength(body.length);
      },
    );
    await fc.assert(property, { numRuns: isLong ? 1_000 : 60 });
  });

  it('that is too large to be redacted is refused if it holds a key', async () => {
    const body = noise(5, 9 * 1024 * 1024);
    expect((await keptBody(body)).equals(body)).toBe(true);
    for (const { secret } of plantedSecrets(3).slice(0, isLong ? 18 : 2)) {
      const end = await keptBody(withAt(body, Buffer.from(`\0${secret}\0`), 0.63)).catch((thrown: unknown) => thrown);
      expect(end).toBeInstanceOf(RepriseError);
      expect((end as RepriseError).code).toBe('secret-found');
    }
  });
});
