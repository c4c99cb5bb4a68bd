import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTextOf } from '../../../src/base/canonical-json.ts';
import { decodeValue, encodeValue } from '../../../src/base/encode.ts';
import { sameValue } from '../../../src/base/equal.ts';
import { canonicalValue, isCanonical } from '../../../src/base/value.ts';
import type { Value } from '../../../src/base/value.ts';
import { mergeAllBuiltIn, mergeBuiltIn } from '../../../src/journal/fold/built-in-field.ts';
import { ChunkFold } from '../../../src/journal/fold/chunk-fold.ts';
import { builtInCases } from '../../support/fields.ts';
import type { FieldCase } from '../../support/fields.ts';

const mergeOneByOne = ({ description, initial, deltas }: FieldCase): Value =>
  deltas.reduce((value, delta) => mergeBuiltIn(description, value, delta, 'field'), initial);

describe('a built-in field', () => {
  it('gives a canonical value that survives a journal', () => {
    fc.assert(
      fc.property(builtInCases, (given) => {
        const value = mergeOneByOne(given);
        expect(isCanonical(value)).toBe(true);
        expect(typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)).toBe(
          true,
        );
        expect(sameValue(decodeValue(encodeValue(value)), value)).toBe(true);
      }),
    );
  });

  it('merges several deltas at once as it does one by one', () => {
    fc.assert(
      fc.property(builtInCases, (given) => {
        const { description, initial, deltas } = given;
        expect(sameValue(mergeAllBuiltIn(description, initial, deltas, 'field'), mergeOneByOne(given))).toBe(true);
      }),
    );
  });

  it('gives equal results for equal inputs, whatever was merged before', () => {
    fc.assert(
      fc.property(builtInCases, (given) => {
        const first = mergeOneByOne(given);
        const before = canonicalTextOf(given.initial);
        expect(sameValue(mergeOneByOne(given), first)).toBe(true);
        expect(canonicalTextOf(given.initial)).toBe(before);
      }),
    );
  });

  it('folds chunks into a delta that merges like all of them', () => {
    fc.assert(
      fc.property(builtInCases, (given) => {
        const { description, initial, deltas } = given;
        // Chunks of a text are its parts, not texts that replace one another; sums of floats depend on grouping.
        fc.pre(deltas.length > 0 && description.kind !== 'text' && description.kind !== 'sum');
        const chunks = deltas.map((delta) => canonicalValue({ field: delta }, 'chunk'));
        const { delta } = ChunkFold.empty.with(chunks, { field: description });
        const folded = (delta as { readonly field: Value }).field;
        expect(sameValue(mergeBuiltIn(description, initial, folded, 'field'), mergeOneByOne(given))).toBe(true);
      }),
    );
  });

  it('folds chunks to the same value however they are split, and continuing a fold does not change it', () => {
    fc.assert(
      fc.property(builtInCases, fc.nat(), ({ description, deltas }, cut) => {
        fc.pre(deltas.length > 0);
        const fields = { field: description };
        const chunks = deltas.map((delta) => canonicalValue({ field: delta }, 'chunk'));
        const at = cut % (chunks.length + 1);
        const whole = ChunkFold.empty.with(chunks, fields);
        const half = ChunkFold.empty.with(chunks.slice(0, at), fields);
        const before = half.delta;
        expect(sameValue(half.with(chunks.slice(at), fields).delta, whole.delta)).toBe(true);
        expect(sameValue(half.with(chunks.slice(at), fields).delta, whole.delta)).toBe(true);
        expect(sameValue(half.delta, before)).toBe(true);
      }),
    );
  });
});

describe('compared with the plainest implementation', () => {
  const valuesOf = (deltas: readonly Value[]): Value[] => deltas.flatMap((delta) => [...(delta as Iterable<Value>)]);
  // A JavaScript Set does not tell -0 from 0.
  const plainZero = (value: Value): Value => (value === 0 ? 0 : value);

  it('union keeps the first of equal items, in order', () => {
    fc.assert(
      fc.property(
        builtInCases.filter((given) => given.description.kind === 'union'),
        (given) => {
          const expected: Value[] = [];
          for (const item of valuesOf(given.deltas).map(plainZero)) {
            if (!expected.some((known) => sameValue(known, item))) expected.push(item);
          }
          const united = [...(mergeOneByOne(given) as ReadonlySet<Value>)];
          expect(united.length).toBe(expected.length);
          expect(united.every((item, index) => sameValue(item, expected[index]))).toBe(true);
        },
      ),
    );
  });

  it('upsert keeps the last record of each key, at the place of the first', () => {
    fc.assert(
      fc.property(
        builtInCases.filter((given) => given.description.kind === 'upsert'),
        (given) => {
          const expected: { id: Value }[] = [];
          for (const record of valuesOf(given.deltas) as { id: Value }[]) {
            const at = expected.findIndex((known) => sameValue(plainZero(known.id), plainZero(record.id)));
            if (at < 0) expected.push(record);
            else expected[at] = record;
          }
          const upserted = mergeOneByOne(given) as readonly Value[];
          expect(upserted.length).toBe(expected.length);
          expect(upserted.every((item, index) => sameValue(item, expected[index]))).toBe(true);
        },
      ),
    );
  });
});
