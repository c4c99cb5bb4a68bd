// Smaller values of a shape, the smallest first. Each is smaller by an order that has no infinite descent, so shrinking
// ends.
import { setOwn, canonicalList, canonicalRecord, frozenMap, frozenSet } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { matches } from './value-shape.ts';
import type { ValueShape } from './value-shape.ts';

type Fields = { readonly [key: string]: Value };

export function* shrunkValues(shape: ValueShape, value: Value): IterableIterator<Value> {
  switch (shape.kind) {
    case 'samples':
      yield* shape.samples.slice(0, placeIn(shape.samples, value)).slice(0, candidatesMax);
      return;
    case 'boolean':
      if (value === true) yield false;
      return;
    case 'number':
      yield* shrunkNumbers(shape, value as number);
      return;
    case 'text':
      yield* shrunkTexts(value as string);
      return;
    case 'list':
      for (const items of shrunkLists(shape.item, value as readonly Value[], shape.fixed !== undefined))
        yield canonicalList(items);
      return;
    case 'tuple':
      for (const [place, item] of shape.items.entries()) yield* replacedIn(value as readonly Value[], place, item);
      return;
    case 'set':
      for (const items of shrunkLists(shape.item, [...(value as ReadonlySet<Value>)], false)) yield frozenSet(items);
      return;
    case 'map':
      yield* shrunkMaps([...(value as ReadonlyMap<Value, Value>)]);
      return;
    case 'record':
      yield* shrunkRecords(shape, value as Fields);
      return;
    case 'dictionary':
      yield* shrunkDictionaries(shape.item, value as Fields);
      return;
    case 'either': {
      const own = shape.shapes.find((one) => matches(one, value));
      if (own !== undefined) yield* shrunkValues(own, value);
    }
  }
}

/** More would take long without finding much. */
const candidatesMax = 40;

function placeIn(samples: readonly Value[], value: Value): number {
  const shape = { kind: 'samples', samples: [value] } as const;
  return Math.max(
    0,
    samples.findIndex((sample) => matches(shape, sample)),
  );
}

export const plainNumbers: readonly number[] = [0, 1, 2, 3, 0.1, 0.2, 0.3];

function* shrunkNumbers(
  { isWhole, least, most }: ValueShape & { kind: 'number' },
  value: number,
): IterableIterator<number> {
  const place = plainNumbers.indexOf(value);
  const plain = place < 0 ? plainNumbers : plainNumbers.slice(0, place);
  const fits = (one: number): boolean => one >= least && one <= most && (!isWhole || Number.isInteger(one));
  yield* plain.filter(fits);
  if (place >= 0) return;
  const half = Math.trunc(value / 2);
  const rest = Number.isInteger(value)
    ? [-value, half, value - Math.sign(value)]
    : [Math.trunc(value), ...[1, 2, 3].map((digits) => Number(value.toPrecision(digits)))];
  yield* rest.filter((one) => fits(one) && isSimpler(one, value));
}

function isSimpler(one: number, other: number): boolean {
  const [left, right] = [one, other].map((number) => String(Math.abs(number)).length) as [number, number];
  if (left !== right) return left < right;
  return Math.abs(one) < Math.abs(other) || (one === -other && one > 0);
}

export const plainTexts: readonly string[] = ['', 'a', 'b', 'c'];

function* shrunkTexts(value: string): IterableIterator<string> {
  const place = plainTexts.indexOf(value);
  yield* place < 0 ? plainTexts : plainTexts.slice(0, place);
  if (place >= 0) return;
  if (value.length > 3) yield value.slice(0, value.length >> 1);
  if (value.length > 3) yield value.slice(value.length >> 1);
  if (value.length > candidatesMax) return;
  for (let index = 0; index < value.length; index += 1) yield value.slice(0, index) + value.slice(index + 1);
}

function* shrunkLists(
  item: ValueShape | undefined,
  list: readonly Value[],
  isFixed: boolean,
): IterableIterator<readonly Value[]> {
  if (!isFixed && list.length > 0) {
    if (list.length > 1) yield [];
    if (list.length > 2) yield list.slice(0, list.length >> 1);
    if (list.length > 2) yield list.slice(list.length >> 1);
    for (let place = 0; place < Math.min(list.length, candidatesMax); place += 1) yield list.toSpliced(place, 1);
  }
  if (item === undefined) return;
  for (let place = 0; place < Math.min(list.length, candidatesMax); place += 1)
    for (const smaller of shrunkValues(item, list[place])) yield list.with(place, smaller);
}

function* replacedIn(list: readonly Value[], place: number, item: ValueShape): IterableIterator<Value> {
  for (const smaller of shrunkValues(item, list[place])) yield canonicalList(list.with(place, smaller));
}

function* shrunkMaps(entries: readonly (readonly [Value, Value])[]): IterableIterator<Value> {
  for (let place = 0; place < Math.min(entries.length, candidatesMax); place += 1)
    yield frozenMap(entries.toSpliced(place, 1));
}

function* shrunkRecords({ fields }: ValueShape & { kind: 'record' }, record: Fields): IterableIterator<Value> {
  for (const [key, { isOptional }] of fields) if (isOptional && Object.hasOwn(record, key)) yield without(record, key);
  for (const [key, { shape }] of fields) {
    if (!Object.hasOwn(record, key)) continue;
    for (const smaller of shrunkValues(shape, record[key])) yield withOne(record, key, smaller);
  }
}

function* shrunkDictionaries(item: ValueShape, record: Fields): IterableIterator<Value> {
  const keys = Object.keys(record).slice(0, candidatesMax);
  for (const key of keys) yield without(record, key);
  for (const key of keys)
    for (const name of shrunkTexts(key))
      if (!Object.hasOwn(record, name)) yield withOne(without(record, key), name, record[key]);
  for (const key of keys) for (const smaller of shrunkValues(item, record[key])) yield withOne(record, key, smaller);
}

function without(record: Fields, key: string): Fields {
  return canonicalRecord(Object.entries(record).filter(([name]) => name !== key));
}

function withOne(record: Fields, key: string, value: Value): Fields {
  const next: Record<string, Value> = {};
  for (const [name, item] of Object.entries(record)) setOwn(next, name, item);
  setOwn(next, key, value);
  return canonicalRecord(Object.entries(next));
}
