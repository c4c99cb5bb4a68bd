// The fields of a state. Each defines how the deltas of tasks are merged into it.
import { filledText, functionOf, oneOf, text as textKind } from '../base/options/option-kind.ts';
import type { OptionKind } from '../base/options/option-kind.ts';
import { either, listOf } from '../base/options/option-parts.ts';
import { checkArgument, checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';
import { canonicalValue, frozenSet } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { FieldDescription } from '../journal/description.ts';
import { isRecordValue } from '../journal/record-value.ts';
import { unite } from '../journal/fold/united-set.ts';
import type { Field } from './types/field-types.ts';
import { reducerPromises } from './reducer-promise.ts';
import type { ReducerPromise } from './reducer-promise.ts';
import type { FieldSpec } from './spec.ts';

type Parts = Omit<FieldSpec, 'name'>;

function makeField<Value, Delta, IsRequired extends boolean>(parts: Parts): Field<Value, Delta, IsRequired> {
  return Object.freeze({ '~field': Object.freeze({ ...parts, description: Object.freeze(parts.description) }) });
}

const list: OptionKind = { wanted: 'a list', fits: Array.isArray };
const listOrSet: OptionKind = {
  wanted: 'a list or a set',
  fits: (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
};
const anyNumber: OptionKind = { wanted: 'a number', fits: (value) => typeof value === 'number' };
const record: OptionKind = { wanted: 'an object', fits: (value) => isRecordValue(value as Value) };
const recordKey = either({ ...filledText, wanted: 'the name of a property' }, functionOf('a function of a record'));
const conflictRule = either(oneOf('highest-rank'), functionOf('a function of the values'));

/**
 * What happens if several tasks of one step write the field: the highest rank wins, or a pure function of the values
 * decides.
 */
export interface LastOptions<Value> {
  readonly onConflict?: 'highest-rank' | ((values: readonly Value[]) => Value);
}

export const lastOptions = optionShape<LastOptions<unknown>>('last', { onConflict: conflictRule });

/**
 * A single value. A write replaces it. If two tasks of one step write it, the error is `conflict`, unless `onConflict`
 * decides. Without an initial value (`undefined` does not count as one), the input of the run must provide it.
 */
export function last<Value>(initial?: undefined, options?: LastOptions<Value>): Field<Value, Value, true>;
export function last<Value>(initial: Value, options?: LastOptions<Value>): Field<Value, Value, false>;
export function last<Value>(initial?: Value, options?: LastOptions<Value>): Field<Value, Value, boolean> {
  const hasInitial = initial !== undefined;
  const description: FieldDescription = {
    kind: 'last',
    required: !hasInitial,
    ...(hasInitial ? { initial: initialValue(initial, 'last()') } : {}),
  };
  checkOptions(lastOptions, options);
  return makeField(withConflict(description, options?.onConflict));
}

/** A list. The items of each task are appended, in rank order. */
export function append<Item>(initial: readonly Item[] = []): Field<Item[], readonly Item[], false> {
  return makeField({ description: { kind: 'append', required: false, initial: initialList(initial, 'append') } });
}

/** A number. Deltas are added to it. */
export function sum(initial = 0): Field<number, number, false> {
  return makeField({ description: { kind: 'sum', required: false, initial: initialNumber(initial, 'sum') } });
}

/** The smallest number so far; Infinity before the first. */
export function min(initial: number = Number.POSITIVE_INFINITY): Field<number, number, false> {
  return makeField({ description: { kind: 'min', required: false, initial: initialNumber(initial, 'min') } });
}

/** The largest number so far; -Infinity before the first. */
export function max(initial: number = Number.NEGATIVE_INFINITY): Field<number, number, false> {
  return makeField({ description: { kind: 'max', required: false, initial: initialNumber(initial, 'max') } });
}

/** A set. Items are the same if their values are equal. They keep the order in which they first appeared. */
export function union<Item>(
  initial: Iterable<Item> = [],
): Field<Set<Item>, readonly Item[] | ReadonlySet<Item>, false> {
  checkArgument('union', 'initial', listOrSet, initial);
  const items = canonicalValue([...initial], 'the initial value of union()') as readonly Value[];
  return makeField({ description: { kind: 'union', required: false, initial: unite(frozenSet([]), [items]) } });
}

export interface MergeOptions<Shape> {
  readonly onConflict?:
    | 'highest-rank'
    | ((values: readonly Shape[keyof Shape][], key: keyof Shape & string) => Shape[keyof Shape]);
}

export const mergeOptions = optionShape<MergeOptions<object>>('merge', { onConflict: conflictRule });

/** A key of a `merge` field may be missing until it is written. An index signature stays as it is. */
type PartialOf<Shape extends object> = string extends keyof Shape ? Shape : { [Key in keyof Shape]?: Shape[Key] };

/**
 * An object. A delta writes some of its keys. If two tasks of one step write the same key, the error is `conflict`,
 * unless `onConflict` decides.
 */
export function merge<Shape extends object>(): Field<PartialOf<Shape>, Readonly<PartialOf<Shape>>, false>;
export function merge<Shape extends object>(
  initial: Shape,
  options?: MergeOptions<Shape>,
): Field<Shape, Readonly<PartialOf<Shape>>, false>;
export function merge<Shape extends object>(
  initial?: Shape,
  options?: MergeOptions<Shape>,
): Field<Shape, Readonly<PartialOf<Shape>>, false> {
  const value = initialValue(initial ?? {}, 'merge()');
  checkArgument('merge', 'initial', record, value);
  checkOptions(mergeOptions, options);
  return makeField(withConflict({ kind: 'merge', required: false, initial: value }, options?.onConflict));
}

/**
 * A list of records, each identified by a key: the name of a property, or a pure function of the record. A record
 * replaces an earlier one with the same key.
 */
export function upsert<Item extends object>(
  key: (keyof Item & string) | ((record: Item) => unknown),
  initial: readonly Item[] = [],
): Field<Item[], readonly Item[], false> {
  checkArgument('upsert', 'key', recordKey, key);
  const description: FieldDescription = { kind: 'upsert', required: false, initial: initialList(initial, 'upsert') };
  if (typeof key === 'function') return makeField({ description, keyOf: key as (record: never) => unknown });
  return makeField({ description: { ...description, key } });
}

/** A string. A write replaces it. If two tasks of one step write it, the error is `conflict`. */
export function text(initial = ''): Field<string, string, false> {
  checkArgument('text', 'initial', textKind, initial);
  return makeField({ description: { kind: 'text', required: false, initial } });
}

export interface ReduceOptions {
  /** Laws that the function promises to obey. Tests of laws hold it to them. */
  readonly promises?: readonly ReducerPromise[];
}

export const reduceOptions = optionShape<ReduceOptions>('reduce', {
  promises: listOf(oneOf(...reducerPromises), reducerPromises.map((promise) => `"${promise}"`).join(', ')),
});

/**
 * A value with your own merge function: `merge(value, delta)` is called for the delta of each task, in rank order. It
 * must be pure: it gets frozen values and returns plain data.
 */
export function reduce<Value, Delta = Value>(
  merge: (value: Value, delta: Delta) => Value,
  initial: Value,
  options: ReduceOptions = noOptions,
): Field<Value, Delta, false> {
  checkArgument('reduce', 'merge', functionOf('a function of the value and a delta'), merge);
  checkOptions(reduceOptions, options);
  const promises = options.promises === undefined ? undefined : Object.freeze([...options.promises]);
  const description: FieldDescription = { kind: 'reduce', required: false, initial: initialValue(initial, 'reduce()') };
  return makeField({ description: promises === undefined ? description : { ...description, promises }, reduce: merge });
}

function withConflict(description: FieldDescription, onConflict: unknown): Parts {
  if (onConflict === undefined) return { description };
  if (onConflict === 'highest-rank') return { description: { ...description, onConflict } };
  return { description: { ...description, onConflict: 'custom' }, choose: onConflict as NonNullable<Parts['choose']> };
}

function initialValue(given: unknown, where: string): Value {
  return canonicalValue(given, `the initial value of ${where}`);
}

function initialNumber(given: unknown, door: string): number {
  checkArgument(door, 'initial', anyNumber, given);
  return given as number;
}

function initialList(given: unknown, door: string): Value {
  checkArgument(door, 'initial', list, given);
  return initialValue(given, `${door}()`);
}
