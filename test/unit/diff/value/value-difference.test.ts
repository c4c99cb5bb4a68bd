import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameValue } from '../../../../src/base/equal.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { differences, firstDifference } from '../../../../src/diff/value/value-difference.ts';
import { values } from '../../../support/values.ts';

function first(recorded: unknown, replayed: unknown): unknown {
  return firstDifference(canonicalValue(recorded, 'a'), canonicalValue(replayed, 'b'), 'delta');
}

describe('the first difference of two values', () => {
  const cases: readonly [string, unknown, unknown, string, Value, Value][] = [
    ['a leaf', 1, 2, 'delta', 1, 2],
    ['zeros of either sign', 0, -0, 'delta', 0, -0],
    ['a field, in the order of keys', { b: 1, a: 1 }, { b: 2, a: 2 }, 'delta.a', 1, 2],
    ['a field that is no name', { 'a b': 1 }, { 'a b': 2 }, 'delta["a b"]', 1, 2],
    ['a field that only one has', { a: 1 }, {}, 'delta.a', 1, undefined],
    ['an item', [1, 2], [1, 3], 'delta[1]', 2, 3],
    ['where a list is longer', [1], [1, 2], 'delta[1]', undefined, 2],
    ['deep inside', { a: [{ b: 'x' }] }, { a: [{ b: 'y' }] }, 'delta.a[0].b', 'x', 'y'],
    ['another kind of value', { a: [] }, { a: {} }, 'delta.a', [], {}],
    ['an entry of a map', new Map([['k', 1]]), new Map([['k', 2]]), 'delta.get("k")', 1, 2],
    ['an item of a set', new Set([1]), new Set([2]), 'delta[0]', 1, 2],
    ['the message of an error', new Error('a'), new Error('b'), 'delta.message', 'a', 'b'],
    ['the cause of an error', new Error('a', { cause: 1 }), new Error('a'), 'delta.cause', 1, undefined],
    ['what hides behind __proto__', JSON.parse('{"__proto__":1}'), {}, 'delta.__proto__', 1, undefined],
  ];
  it.each(cases)('is found in %s', (_name, recorded, replayed, path, left, right) => {
    expect(first(recorded, replayed)).toEqual({ path, recorded: left, replayed: right });
  });

  it('tells maps with the same entries in another order apart', () => {
    const one = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const other = new Map([...one].reverse());
    expect(first(one, other)).toEqual({ path: 'delta.keys()', recorded: ['a', 'b'], replayed: ['b', 'a'] });
  });

  it('is undefined exactly if the values are the same', () => {
    fc.assert(
      fc.property(values, values, (left, right) => {
        expect(firstDifference(left, right, 'v') === undefined).toBe(sameValue(left, right));
        expect(firstDifference(left, left, 'v')).toBeUndefined();
      }),
    );
  });
});

describe('a mark in place of a secret', () => {
  const mark = '[redacted:api-key#1]';
  const anySecret = '[redacted:api-key]';

  it.each([
    [`Bearer ${mark}`, `Bearer ${anySecret}`],
    [mark, anySecret],
    [`${mark}${mark}`, `${anySecret}${mark}`],
    [`a ${mark} b [redacted:bearer] c`, `a ${anySecret} b [redacted:bearer#2] c`],
  ])('matches a mark of its kind without a number: %s', (recorded, replayed) => {
    expect(first({ key: recorded }, { key: replayed })).toBeUndefined();
    expect(first(new Error(recorded), new Error(replayed))).toBeUndefined();
    expect(first({ [recorded]: 1 }, { [replayed]: 1 })).toBeUndefined();
    expect(first(new Map([[recorded, 1]]), new Map([[replayed, 1]]))).toBeUndefined();
    expect(first(Buffer.from(recorded), Buffer.from(replayed))).toBeUndefined();
  });

  it.each([
    [`Bearer ${mark}`, `Basic ${anySecret}`],
    [`Bearer ${mark}`, 'Bearer '],
    [`a ${mark} b`, 'a something else b'],
    [`a ${mark} b`, `a ${anySecret} and more b`],
    [`a ${mark} b`, `and a ${anySecret} b`],
    [`a ${mark} b`, `a ${anySecret} b and more`],
    [`a ${mark} b`, `a ${anySecret}${anySecret} b`],
    [mark, ''],
    [mark, '[redacted:token]'],
    [mark, '[redacted:api-key#2]'],
    [`${mark} ${anySecret}`, `[redacted:api-key#2] ${anySecret}`],
    ['[redacted:', '[redacted'],
    ['open', mark],
  ])('covers nothing beside it: %s, %s', (recorded, replayed) => {
    expect(first(recorded, replayed)).toMatchObject({ path: 'delta' });
    expect(first({ [recorded]: 1 }, { [replayed]: 1 })).toBeDefined();
  });

  it('pairs each redacted key once', () => {
    const recorded = { '[redacted:token#1]': 1, '[redacted:token#2]': 2 };
    const replayed = { '[redacted:token#1]': 1, '[redacted:token]': 3 };
    expect(first(recorded, replayed)).toEqual({ path: 'delta["[redacted:token#2]"]', recorded: 2, replayed: 3 });
    expect(first(recorded, { '[redacted:token]': 1 })).toEqual({
      path: 'delta["[redacted:token#2]"]',
      recorded: 2,
      replayed: undefined,
    });
  });
});

describe('all differences', () => {
  it('come in order, up to a number', () => {
    const found = differences([1, 2, 3], [1, 0, 0, 0], 'list', 2);
    expect(found.map(({ path }) => path)).toEqual(['list[1]', 'list[2]']);
    expect(differences([1], [2], 'list', 0)).toEqual([]);
  });
});
