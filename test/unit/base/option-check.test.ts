// The checker of options: what it refuses, and what it says.
import { describe, expect, it } from 'vitest';
import {
  anything,
  filledText,
  functionOf,
  numberIn,
  oneOf,
  required,
  text,
  wholeNumber,
} from '../../../src/base/options/option-kind.ts';
import type { OptionKind } from '../../../src/base/options/option-kind.ts';
import { either, listOf, objectOf, objectWith, optionsIn, recordOf } from '../../../src/base/options/option-parts.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../../../src/base/options/option-shape.ts';
import { thrownBy } from '../../support/thrown.ts';

interface Retry {
  readonly attempts: number;
  readonly delayMs?: number;
}

interface Given {
  readonly mode?: string;
  readonly limit?: number;
  readonly nodes?: readonly string[];
  readonly retry?: Retry;
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  readonly prices?: Readonly<Record<string, { readonly input: number }>>;
  readonly store?: { append(): void };
  readonly anything?: unknown;
}

const shape = optionShape<Given>(
  'door',
  {
    mode: oneOf('fast', 'slow', 'off'),
    limit: wholeNumber({ least: 1 }),
    nodes: listOf(text, 'node names'),
    retry: optionsIn<Retry>({
      attempts: required(wholeNumber({ least: 1 })),
      delayMs: numberIn({ least: 0, most: 10 }),
    }),
    aliases: recordOf(listOf(text, 'origins'), 'an object of origins', { ...filledText, wanted: 'each list an alias' }),
    prices: recordOf(objectOf<{ input: number }>('a price', { input: required(numberIn({ least: 0 })) }), 'prices'),
    store: objectWith('a store', { append: required(functionOf('a function')) }),
    anything,
  },
  ({ mode, limit }) => (mode === 'off' && limit !== undefined ? { option: 'limit', wanted: 'no limit' } : undefined),
);

const refusal = (given: unknown) => {
  const { code, message, nextStep, fields } = thrownBy(() => checkOptions(shape, given));
  expect(code).toBe('option-invalid');
  return { message, nextStep, option: fields.option };
};

it.each<[unknown, string, string, string]>([
  [{ mode: 'quick' }, 'mode', 'option "mode" is "quick"', 'Give "fast", "slow" or "off".'],
  [{ limit: -5 }, 'limit', 'option "limit" is -5', 'Give a whole number, 1 or more.'],
  [{ limit: null }, 'limit', 'option "limit" is null', 'Give a whole number, 1 or more.'],
  [{ nodes: 'a' }, 'nodes', 'option "nodes" is "a"', 'Give a list of node names.'],
  [{ nodes: ['a', 5] }, 'nodes', 'option "nodes[1]" is 5', 'Give a list of node names.'],
  [{ retry: 3 }, 'retry', 'option "retry" is 3', 'Give an object with attempts, delayMs.'],
  [{ retry: {} }, 'retry.attempts', 'option "retry.attempts" is missing', 'Give a whole number, 1 or more.'],
  [
    { retry: { attempts: 1, delayMs: 11 } },
    'retry.delayMs',
    'option "retry.delayMs" is 11',
    'Give a number from 0 to 10.',
  ],
  [{ aliases: { a: ['x', 1] } }, 'aliases', 'option "aliases.a[1]" is 1', 'Give a list of origins.'],
  [{ aliases: { '': [] } }, 'aliases', 'option "aliases" has a key ""', 'Give each list an alias.'],
  [
    { prices: { 'm-4.1': { input: -1 } } },
    'prices',
    'option "prices["m-4.1"].input" is -1',
    'Give a number, 0 or more.',
  ],
  [{ store: { append: 1 } }, 'store', 'option "store" is an object', 'Give a store.'],
  [{ mode: 'off', limit: 1 }, 'limit', 'option "limit" is 1', 'Give no limit.'],
  [5, 'options', 'the options are 5', 'Give an object of options.'],
  [null, 'options', 'the options are null', 'Give an object of options.'],
  [[], 'options', 'the options are a list', 'Give an object of options.'],
])('refuses %j', (given, option, message, nextStep) => {
  expect(refusal(given)).toEqual({ option, message: `door: ${message}`, nextStep });
});

it.each<[unknown, string, string]>([
  [{ limt: 1 }, 'limt', 'Did you mean "limit"?'],
  [{ LIMIT: undefined }, 'LIMIT', 'Did you mean "limit"?'],
  [{ retry: { attempts: 1, delayMS: 1 } }, 'retry.delayMS', 'Did you mean "delayMs"?'],
  [{ constructor: 1 }, 'constructor', 'Known options: mode, limit, nodes, retry, aliases, prices, store, anything.'],
  [
    JSON.parse('{"__proto__": 1}'),
    '__proto__',
    'Known options: mode, limit, nodes, retry, aliases, prices, store, anything.',
  ],
])('names the nearest option of the unknown one in %j', (given, option, nextStep) => {
  expect(refusal(given)).toEqual({ option, message: `door: unknown option "${option}"`, nextStep });
});

it.each([
  undefined,
  noOptions,
  {},
  { mode: undefined, retry: undefined },
  { mode: 'fast', limit: 1, nodes: [], retry: { attempts: 1 }, aliases: { a: [] }, prices: {}, anything: null },
  { store: Object.assign(() => undefined, { append: () => undefined }) },
])('takes %j', (given) => {
  expect(() => checkOptions(shape, given)).not.toThrow();
});

it('sees options that are inherited, and nothing that was added to all objects', () => {
  expect(refusal(Object.create({ limit: 0 })).message).toBe('door: option "limit" is 0');
  expect(() => checkOptions(shape, Object.create({ somethingElse: 1 }))).not.toThrow();
});

it('sees what no loop over the keys shows: getters of a class, and properties that are not enumerable', () => {
  class Settings {
    get limit(): number {
      return 0;
    }
    get other(): string {
      return 'no option, and nobody reads it';
    }
  }
  expect(refusal(new Settings()).option).toBe('limit');
  expect(refusal(Object.defineProperty({}, 'mode', { value: 'quick' })).option).toBe('mode');
});

it('asks for what is needed, also where no options are given', () => {
  const needing = optionShape<{ readonly out: string }>('needing', { out: required(text) });
  for (const given of [undefined, {}, { out: undefined }])
    expect(thrownBy(() => checkOptions(needing, given))).toMatchObject({
      message: 'needing: option "out" is missing',
      nextStep: 'Give a string.',
      fields: { option: 'out' },
    });
});

it('names a door that the shape does not know', () => {
  expect(thrownBy(() => checkOptions(shape, 1, 'node "plan"')).message).toBe('node "plan": the options are 1');
});

it('checks arguments as it does options', () => {
  const list = listOf(text, 'names');
  expect(thrownBy(() => checkArgument('door', 'names', list, undefined)).message).toBe(
    'door: argument "names" is missing',
  );
  expect(thrownBy(() => checkArgument('door', 'names', list, [1]))).toMatchObject({
    message: 'door: argument "names[0]" is 1',
    fields: { option: 'names' },
  });
  expect(() => checkArgument('door', 'names', list, ['a'])).not.toThrow();
});

describe('what was given is shown', () => {
  it.each<[unknown, string]>([
    ['a\n\u001b[31m\u202e', '"a\\n\\u001b[31m\\u202e"'],
    ['x'.repeat(200), `"${'x'.repeat(58)}…`],
    [`${'x'.repeat(57)}😀`, `"${'x'.repeat(57)}\ufffd…`],
    [Number.NaN, 'NaN'],
    [10n, '10'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 'secret', 'a function'],
    [{ password: 'secret' }, 'an object'],
    [['secret'], 'a list'],
    [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('looked into');
          },
        },
      ),
      'an object',
    ],
  ])('%#', (given, shown) => {
    expect(refusal({ mode: given }).message).toBe(`door: option "mode" is ${shown}`);
  });

  it('and a key of it', () => {
    expect(refusal({ [`a\u001b${'x'.repeat(200)}`]: 1 }).message).toBe(
      `door: unknown option "a\\u001b${'x'.repeat(52)}…"`,
    );
  });
});

it.each<[string, OptionKind, readonly unknown[], readonly unknown[]]>([
  ['a number', numberIn({}), [0, -1.5], [Number.NaN, Number.POSITIVE_INFINITY, '1', 1n]],
  ['a number above 0', numberIn({ above: 0 }), [Number.MIN_VALUE], [0, -1]],
  ['a number above 0, 5 or less', numberIn({ above: 0, most: 5 }), [0.1, 5], [0, 5.1]],
  ['a number from 0 to 1', numberIn({ least: 0, most: 1 }), [0, 1], [-0.1, 1.1]],
  ['a number, 0 or more, or Infinity', numberIn({ least: 0, orInfinity: true }), [Number.POSITIVE_INFINITY], [-1]],
  ['a whole number', wholeNumber({}), [-3, 0], [0.5, 2 ** 53]],
  [
    'a whole number, 1 or more, or Infinity',
    wholeNumber({ least: 1, orInfinity: true }),
    [1, Number.POSITIVE_INFINITY],
    [0, Number.NEGATIVE_INFINITY],
  ],
  ['"a" or a function', either(oneOf('a'), functionOf('a function')), ['a', () => undefined], ['b', {}]],
])('%s', (wanted, kind, fitting, others) => {
  expect(kind.wanted).toBe(wanted);
  expect(fitting.filter((value) => !kind.fits(value))).toEqual([]);
  expect(others.filter((value) => kind.fits(value))).toEqual([]);
});

it('looks into the one of several kinds that fits', () => {
  const kind = either(oneOf('all'), listOf(oneOf('a'), 'names'));
  expect(kind.fits(['b'])).toBe(true);
  expect(thrownBy(() => checkArgument('door', 'some', kind, ['b'])).message).toBe('door: argument "some[0]" is "b"');
});
