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
    ['a conflict rule', () => loosely(last)(0, { onConflict: 'lowest-rank' }), 'onConflict of last() is "lowest-rank"'],
    ['an unknown option', () => loosely(last)(0, { onconflict: 'highest-rank' }), 'last() has no option "onconflict"'],
    ['options that are no object', () => loosely(last)(0, 1), 'the options of last() is 1'],
    ['a conflict rule of merge', () => loosely(merge)({}, { onConflict: 1 }), 'onConflict of merge() is 1'],
    ['a list that is none', () => loosely(append)('abc'), 'the initial value of append() is "abc"'],
    ['a number that is none', () => loosely(sum)('1'), 'the initial value of sum() is "1"'],
    ['a bound that is no number', () => loosely(max)(null), 'the initial value of max() is null'],
    ['a set that is none', () => loosely(union)(1), 'the initial value of union() is 1'],
    ['an object that is none', () => loosely(merge)([1]), 'the initial value of merge() is a list'],
    ['no key', () => loosely(upsert)(), 'the key of upsert() is undefined'],
    ['an empty key', () => loosely(upsert)(''), 'the key of upsert() is ""'],
    ['a text that is none', () => loosely(text)(1), 'the initial value of text() is 1'],
    ['no reducer', () => loosely(reduce)(0), 'the first argument of reduce() is 0'],
    [
      'a promise that is none',
      () => loosely(reduce)(() => 0, 0, { promises: ['fast'] }),
      'a promise of reduce() is "fast"',
    ],
    [
      'promises that are no list',
      () => loosely(reduce)(() => 0, 0, { promises: 'idempotent' }),
      'promises of reduce() is "idempotent"',
    ],
    [
      'an unknown option of reduce',
      () => loosely(reduce)(() => 0, 0, { promise: [] }),
      'reduce() has no option "promise"',
    ],
    ['what is no field', () => loosely(fields)({ a: 1 }), 'the field "a" is 1'],
    ['a field that was not called', () => loosely(fields)({ a: append }), 'the field "a" is a function'],
    ['a field without a name', () => loosely(fields)({ '': sum() }), 'the name of a field is ""'],
    ['no state reducer', () => loosely(reducer)({}, 1), 'the first argument of reducer() is an object'],
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
