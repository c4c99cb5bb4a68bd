// Arbitrary values of a shape, for fast-check: recorded ones, recorded ones that were changed in places, and made-up
// ones. They shrink alike, wherever they come from, and keep their shape.
import type { Arbitrary, Random } from 'fast-check';
import { setOwn, canonicalList, canonicalRecord, frozenMap, frozenSet } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { FastCheck } from '../../fast-check.ts';
import { shrunkValues } from './shrunk-value.ts';
import type { ValueShape } from './value-shape.ts';

/** `samples`: recorded values of the shape. Undefined if no value of the shape can be made. */
export function arbitraryOfShape(fc: FastCheck, shape: ValueShape, samples: readonly Value[]): Arbitrary<Value> {
  class ShapedArbitrary extends fc.Arbitrary<Value> {
    override generate(random: Random) {
      return new fc.Value(drawnValue(shape, samples, random), undefined);
    }
    override canShrinkWithoutContext(_value: unknown): _value is Value {
      return true;
    }
    override shrink(value: Value) {
      const smaller = shrunkValues(shape, value);
      return new fc.Stream(smaller).map((one) => new fc.Value(one, undefined));
    }
  }
  return new ShapedArbitrary();
}

function drawnValue(shape: ValueShape, samples: readonly Value[], random: Random): Value {
  const way = random.nextInt(0, 9);
  if (samples.length > 0 && way < 7) {
    const sample = oneOf(samples, random);
    return way < 4 ? sample : changed(shape, sample, random);
  }
  return made(shape, random, 0);
}

function oneOf<Item>(items: readonly Item[], random: Random): Item {
  return items[random.nextInt(0, items.length - 1)] as Item;
}

/** Chances are 1 in `times`. */
function happens(times: number, random: Random): boolean {
  return random.nextInt(1, times) === 1;
}

/** Keys and texts that go wrong if an object is used as a dictionary, or if a text is taken for its bytes. */
const oddTexts = [
  '',
  'a',
  'b',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  ' ',
  'é',
  'e\u0301',
  '😀',
  '\u0000',
  '0',
  '10',
  'x'.repeat(2_000),
];
const fractions = [0.1, 0.2, 0.3, 0.7, 1e-9, 0.5];
const edges = [0, 1, 2, 3, -1, 10, 1_000, -1_000, 65_536, 2 ** 31 - 1];
const largeFractions = [1e15 + 0.5, -1.1, 1e21, 1 / 3];
const lengthMax = 6;
const bigLength = 60;

function made(shape: ValueShape, random: Random, depth: number): Value {
  switch (shape.kind) {
    case 'samples':
      return oneOf(shape.samples, random);
    case 'boolean':
      return happens(2, random);
    case 'number':
      return madeNumber(shape, random);
    case 'text':
      return madeText(shape.samples, random);
    case 'list':
      return canonicalList(madeItems(shape.item, random, depth, shape.fixed));
    case 'tuple':
      return canonicalList(shape.items.map((item) => made(item, random, depth + 1)));
    case 'record':
      return canonicalRecord(
        [...shape.fields]
          .filter(([, { isOptional }]) => !isOptional || happens(2, random))
          .map(([key, field]) => [key, made(field.shape, random, depth + 1)] as const),
      );
    case 'dictionary':
      return canonicalRecord(
        new Map(
          madeItems(shape.item, random, depth, undefined).map((item) => [madeText(shape.keys, random), item] as const),
        ),
      );
    case 'set':
      return frozenSet(madeItems(shape.item, random, depth, undefined));
    case 'map':
      return frozenMap(
        madeItems(shape.key, random, depth, undefined).map(
          (key) => [key, shape.item === undefined ? undefined : made(shape.item, random, depth + 1)] as const,
        ),
      );
    case 'either':
      return made(oneOf(shape.shapes, random), random, depth);
  }
}

function madeItems(item: ValueShape | undefined, random: Random, depth: number, fixed: number | undefined): Value[] {
  if (item === undefined) return [];
  const most = depth > 2 ? 2 : happens(20, random) ? bigLength : lengthMax;
  const length = fixed ?? random.nextInt(0, most);
  return Array.from({ length }, () => made(item, random, depth + 1));
}

function madeNumber({ isWhole, least, most, samples }: ValueShape & { kind: 'number' }, random: Random): number {
  const within = (candidates: readonly number[]): readonly number[] =>
    candidates.filter((value) => value >= least && value <= most);
  const pool = [
    ...within(edges),
    ...(isWhole ? [] : [...within(fractions), ...within(fractions), ...within(largeFractions)]),
  ];
  const way = random.nextInt(0, 5);
  if (way === 0 && samples.length > 0) return oneOf(samples, random);
  if (way === 1) return random.nextInt(Math.max(least, -100), Math.min(most, 100));
  if (way === 2 && !isWhole) return Math.min(most, Math.round(random.nextDouble() * 10_000) / 1_000);
  return oneOf(pool, random);
}

function madeText(samples: readonly string[], random: Random): string {
  if (samples.length === 0 || happens(2, random)) return oneOf(oddTexts, random);
  const sample = oneOf(samples, random);
  return happens(2, random) ? sample : sample + oneOf(samples, random).slice(0, random.nextInt(0, 8));
}

/** A value with some of its parts replaced, repeated or left out. */
function changed(shape: ValueShape, value: Value, random: Random): Value {
  if (happens(4, random)) return made(shape, random, 0);
  switch (shape.kind) {
    case 'list':
      return canonicalList(changedItems(shape, value as readonly Value[], random));
    case 'tuple':
      return canonicalList(shape.items.map((item, place) => changed(item, (value as readonly Value[])[place], random)));
    case 'set':
      return frozenSet([...(value as ReadonlySet<Value>)].filter(() => !happens(3, random)));
    case 'record': {
      const record: Record<string, Value> = {};
      for (const [key, item] of Object.entries(value as { readonly [key: string]: Value })) {
        const field = shape.fields.get(key);
        setOwn(record, key, field === undefined || happens(2, random) ? item : changed(field.shape, item, random));
      }
      return canonicalRecord(Object.entries(record));
    }
    case 'dictionary':
      return canonicalRecord(
        new Map(
          Object.entries(value as { readonly [key: string]: Value }).map(
            ([key, item]) => [happens(3, random) ? madeText(shape.keys, random) : key, item] as const,
          ),
        ),
      );
    case 'map':
      return frozenMap([...(value as ReadonlyMap<Value, Value>)].filter(() => !happens(3, random)));
    case 'samples':
      return value;
    default:
      return made(shape, random, 0);
  }
}

function changedItems(
  { item, fixed }: ValueShape & { kind: 'list' },
  list: readonly Value[],
  random: Random,
): readonly Value[] {
  if (item === undefined) return list;
  const next = list.map((one) => (happens(3, random) ? changed(item, one, random) : one));
  if (fixed !== undefined) return next;
  switch (random.nextInt(0, 4)) {
    case 0:
      return [];
    case 1:
      return next.slice(0, random.nextInt(0, next.length));
    case 2:
      return [...next, ...next.slice(0, 2)];
    case 3:
      return [...next].reverse();
    default:
      return next;
  }
}
