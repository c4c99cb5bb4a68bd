import { describe, expect, it } from 'vitest';
import { append, last, max, merge, min, reduce, sum, text, union, upsert } from '../../../src/graph/field.ts';
import { fields, reducer } from '../../../src/graph/state.ts';
import { needsUserCode } from '../../../src/journal/fold/built-in-field.ts';
import { thrownBy } from '../../support/thrown.ts';

const described = (field: { readonly '~field': { readonly description: unknown } }) => field['~field'].description;

describe('a field', () => {
  it('without an initial value has to be given in the input', () => {
    expect(described(last())).toEqual({ kind: 'last', required: true });
    expect(described(last('x'))).toEqual({ kind: 'last', required: false, initial: 'x' });
    expect(described(last(null))).toEqual({ kind: 'last', required: false, initial: null });
    expect(described(last(undefined, { onConflict: 'highest-rank' }))).toEqual({
      kind: 'last',
      required: true,
      onConflict: 'highest-rank',
    });
  });

  it('begins with what changes nothing', () => {
    expect([append(), sum(), min(), max(), union(), merge(), upsert('id'), text()].map(described)).toMatchObject([
      { initial: [] },
      { initial: 0 },
      { initial: Number.POSITIVE_INFINITY },
      { initial: Number.NEGATIVE_INFINITY },
      { initial: new Set() },
      { initial: {} },
      { initial: [], key: 'id' },
      { initial: '' },
    ]);
  });

  it('shares nothing with what it was given', () => {
    const initial = { list: [1] };
    const field = last(initial);
    initial.list.push(2);
    expect(described(field)).toMatchObject({ initial: { list: [1] } });
    expect(Object.isFrozen(initial)).toBe(false);
  });

  it('says whether a journal has to tell what its own code made', () => {
    const isCustom = (field: { readonly '~field': { readonly description: never } }) =>
      needsUserCode(field['~field'].description);
    const byFunction = [reduce((value: number) => value, 0), upsert(() => 1), last(0, { onConflict: () => 1 })];
    const byName = [append(), upsert('id'), last(0), last(0, { onConflict: 'highest-rank' }), merge(), text()];
    expect(byFunction.every((field) => isCustom(field as never))).toBe(true);
    expect(byName.some((field) => isCustom(field as never))).toBe(false);
  });
});

describe('an option that is not right is refused when it is given', () => {
  const loosely = (call: (...given: never[]) => unknown) => call as (...given: unknown[]) => unknown;
  it.each<[string, () => unknown, string]>([
    [
      'a conflict rule',
      () => loosely(last)(0, { onConflict: 'lowest-rank' }),
      'last: option "onConflict" is "lowest-rank"',
    ],
    ['an unknown option', () => loosely(last)(0, { onconflict: 'highest-rank' }), 'last: unknown option "onconflict"'],
    ['options that are a number', () => loosely(last)(0, 1), 'last: the options are 1'],
    ['a conflict rule of merge', () => loosely(merge)({}, { onConflict: 1 }), 'merge: option "onConflict" is 1'],
    ['a string for a list', () => loosely(append)('abc'), 'append: argument "initial" is "abc"'],
    ['a string for a number', () => loosely(sum)('1'), 'sum: argument "initial" is "1"'],
    ['null for a bound', () => loosely(max)(null), 'max: argument "initial" is null'],
    ['a number for a set', () => loosely(union)(1), 'union: argument "initial" is 1'],
    ['a list for an object', () => loosely(merge)([1]), 'merge: argument "initial" is a list'],
    ['no key', () => loosely(upsert)(), 'upsert: argument "key" is missing'],
    ['an empty key', () => loosely(upsert)(''), 'upsert: argument "key" is ""'],
    ['a number for a string', () => loosely(text)(1), 'text: argument "initial" is 1'],
    ['no reducer', () => loosely(reduce)(0), 'reduce: argument "merge" is 0'],
    [
      'an unknown promise',
      () => loosely(reduce)(() => 0, 0, { promises: ['fast'] }),
      'reduce: option "promises[0]" is "fast"',
    ],
    [
      'promises that are not a list',
      () => loosely(reduce)(() => 0, 0, { promises: 'idempotent' }),
      'reduce: option "promises" is "idempotent"',
    ],
    [
      'an unknown option of reduce',
      () => loosely(reduce)(() => 0, 0, { promise: [] }),
      'reduce: unknown option "promise"',
    ],
    ['a number for a field', () => loosely(fields)({ a: 1 }), 'fields: field "a" is 1'],
    ['a field that was not called', () => loosely(fields)({ a: append }), 'fields: field "a" is a function'],
    ['a field without a name', () => loosely(fields)({ '': sum() }), 'fields: the fields have a key ""'],
    ['no state reducer', () => loosely(reducer)({}, 1), 'reducer: argument "reduce" is an object'],
  ])('%s', (_what, call, message) => {
    const error = thrownBy(call);
    expect(error.code).toBe('option-invalid');
    expect(error.message).toContain(message);
  });

  it('an initial value that a journal cannot hold', () => {
    expect(thrownBy(() => loosely(last)({ run: () => 1 })).message).toBe(
      'the initial value of last().run is a function, which a journal cannot hold',
    );
  });
});
