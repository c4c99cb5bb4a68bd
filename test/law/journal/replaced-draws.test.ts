// Whatever text code makes of random bytes: the text of the value that stands for them in a fixture is put in its place.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ReplacedDraws } from '../../../src/journal/ambient/replaced-draws.ts';
import { derivedDraw, isOfSource, randomBytes, randomUuid } from '../../../src/journal/ambient/random-source.ts';
import type { Value } from '../../../src/base/value.ts';
import { attemptKey, stepKey, taskKey } from '../../../src/journal/key.ts';

const at = attemptKey(taskKey(stepKey('', 1), 0), 1);

/** What replaces a value, and everything that knows it. */
function knowing(source: string, drawn: Value): { readonly draws: ReplacedDraws; readonly other: Value } {
  const draws = new ReplacedDraws('seed');
  const reads = [{ segment: 0, source, from: 0, values: [drawn] }];
  draws.learn({ kind: 'ambient', at, node: 'node', ordinal: 0, observed: { time: 1, reads } });
  return { draws, other: derivedDraw('seed', { at, segment: 0, source, place: 0 }, drawn) };
}

const forms: readonly ((bytes: Uint8Array) => string)[] = [
  (bytes) => Buffer.from(bytes).toString('hex'),
  (bytes) => Buffer.from(bytes).toString('base64'),
  (bytes) => Buffer.from(bytes).toString('base64url'),
  (bytes) => `req_${Buffer.from(bytes).toString('hex')}!`,
  (bytes) => `${Buffer.from(bytes).toString('hex').slice(0, 10)}.`,
];

it('bytes in every form, and the beginning of a form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 64 }), fc.constantFrom(...forms), (bytes, form) => {
      const { draws, other } = knowing(randomBytes(bytes.byteLength), bytes);
      expect(isOfSource(randomBytes(bytes.byteLength), other)).toBe(true);
      expect(draws.text(form(bytes))).toBe(form(other as Uint8Array));
    }),
    { numRuns: 1_000 },
  );
});

it('a UUID, its upper case, its hexadecimal digits, and as much of its beginning as is an id', () => {
  fc.assert(
    fc.property(fc.uuid({ version: 4 }), fc.integer({ min: 8, max: 36 }), (uuid, length) => {
      const { draws, other } = knowing(randomUuid, uuid);
      const id = String(other);
      expect(isOfSource(randomUuid, other)).toBe(true);
      expect(draws.text(`${uuid.slice(0, length)} `)).toBe(`${id.slice(0, length)} `);
      expect(draws.text(uuid.toUpperCase())).toBe(id.toUpperCase());
      expect(draws.text(uuid.replaceAll('-', ''))).toBe(id.replaceAll('-', ''));
    }),
    { numRuns: 1_000 },
  );
});
