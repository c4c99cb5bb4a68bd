// The plainest values of a shape, and cases made of them. They are tried before arbitrary ones: what they break needs no
// shrinking, and reads well.
import { canonicalList, canonicalRecord, frozenMap, frozenSet } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { sameValue } from '../../../base/equal.ts';
import type { LawCase } from '../reducer-law.ts';
import { plainNumbers, plainTexts } from './shrunk-value.ts';
import type { ValueShape } from './value-shape.ts';

const plainMax = 8;

export function plainValues(shape: ValueShape, most = plainMax): readonly Value[] {
  return distinct(plainOf(shape, most)).slice(0, most);
}

function plainOf(shape: ValueShape, most: number): readonly Value[] {
  switch (shape.kind) {
    case 'samples':
      return shape.samples;
    case 'boolean':
      return [false, true];
    case 'number': {
      const { isWhole, least, most: greatest } = shape;
      const fitting = plainNumbers.filter(
        (one) => one >= least && one <= greatest && (!isWhole || Number.isInteger(one)),
      );
      return fitting.length > 0 ? fitting : [least];
    }
    case 'text':
      return plainTexts;
    case 'list':
      return plainLists(shape.item, shape.fixed, most);
    case 'tuple':
      return inParallel(
        shape.items.map((item) => plainValues(item, most)),
        most,
      ).map((items) => canonicalList(items));
    case 'record':
      return plainRecords(shape, most);
    case 'dictionary': {
      const items = plainValues(shape.item, 3);
      const [first, last] = [items[0], items.at(-1)];
      const pairs = ['a', 'b', 'constructor'].flatMap((key) => [[key, first] as const, [key, last] as const]);
      return [canonicalRecord([]), ...pairs.map((pair) => canonicalRecord([pair]))];
    }
    case 'set':
      return plainLists(shape.item, undefined, most).map((items) => frozenSet(items));
    case 'map': {
      const keys = shape.key === undefined ? [] : plainValues(shape.key, 3);
      const items = shape.item === undefined ? [] : plainValues(shape.item, 2);
      return [frozenMap([]), ...keys.flatMap((key) => items.map((item) => frozenMap([[key, item]])))];
    }
    case 'either':
      return shape.shapes.flatMap((one) => plainValues(one, Math.max(2, Math.ceil(most / shape.shapes.length))));
  }
}

function plainLists(
  item: ValueShape | undefined,
  fixed: number | undefined,
  most: number,
): readonly (readonly Value[])[] {
  const items = item === undefined ? [] : plainValues(item, most);
  if (fixed !== undefined) return items.map((one) => canonicalList(Array.from({ length: fixed }, () => one)));
  const [, second, third] = items;
  const pairs = items.length > 2 ? [canonicalList([second, third]), canonicalList([third, second])] : [];
  return [canonicalList([]), ...items.slice(0, most - 3).map((one) => canonicalList([one])), ...pairs];
}

function plainRecords({ fields }: ValueShape & { kind: 'record' }, most: number): readonly Value[] {
  if (fields.size === 0) return [canonicalRecord([])];
  const needed = [...fields].filter(([, { isOptional }]) => !isOptional);
  const names = (needed.length > 0 ? needed : [...fields]).map(([name]) => name);
  const columns = (needed.length > 0 ? needed : [...fields]).map(([, { shape }]) => plainValues(shape, most));
  const rows = inParallel(columns, most);
  const base = rows[1] ?? rows[0] ?? [];
  // Records that differ in one property only: in their time, for example, and not in their id.
  const varied = columns.map((column, place) => base.with(place, column[2] ?? column[0]));
  const record = (row: readonly Value[]): Value =>
    canonicalRecord(row.map((value, place) => [names[place] as string, value]));
  const half = most >> 1;
  return [...rows.slice(0, half), ...varied.slice(0, half), ...rows.slice(half)].map(record);
}

/** The first of each column, then the second of each, and so on; short columns start over. */
function inParallel(columns: readonly (readonly Value[])[], most: number): readonly (readonly Value[])[] {
  const length = Math.min(most, Math.max(0, ...columns.map((column) => column.length)));
  return Array.from({ length }, (_, row) => columns.map((column) => column[row % column.length]));
}

function distinct(values: readonly Value[]): readonly Value[] {
  return values.filter((value, place) => values.findIndex((other) => sameValue(other, value)) === place);
}

/** Short ones first. */
export function* plainCases(
  state: Value,
  shapes: readonly ValueShape[],
  [least, most]: readonly [least: number, most: number],
): IterableIterator<LawCase> {
  const values = distinct(shapes.flatMap((shape) => plainValues(shape)));
  // Two deltas are looked at in all pairs if the law is about two.
  if (least === 2)
    for (const first of values) for (const second of values) yield { state, before: [], deltas: [first, second] };
  for (let length = least; length <= Math.min(most, 3); length += 1)
    for (const deltas of plainSteps(values, length)) yield { state, before: [], deltas };
  for (const first of values.slice(0, 4))
    for (const deltas of plainSteps(values, least)) yield { state, before: [first], deltas };
}

/** Neighbours in both directions, and a value that comes back. */
function plainSteps(values: readonly Value[], length: number): readonly (readonly Value[])[] {
  if (length === 0) return [[]];
  if (length === 1) return values.map((value) => [value]);
  const neighbours = values.slice(length - 1).map((_, place) => values.slice(place, place + length));
  const returning = values
    .slice(length - 2)
    .map((_, place) => [...values.slice(place, place + length - 1), values[place]]);
  return [...neighbours, ...neighbours.map((step) => step.toReversed()), ...returning];
}
