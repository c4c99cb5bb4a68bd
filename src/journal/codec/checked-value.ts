// Checks single values of an entry: what each must be, said by the name of where it stands.
import { MalformedValue } from '../../base/encode.ts';
import type { Value } from '../../base/value.ts';
import { isKey } from '../key.ts';

export type Fields = { readonly [key: string]: Value };

export function record(value: Value, what: string): Fields {
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) throw new MalformedValue(`${what} is not an object`);
  return value as Fields;
}

export function list(value: Value, what: string): readonly Value[] {
  if (!Array.isArray(value)) throw new MalformedValue(`${what} is not a list`);
  return value as readonly Value[];
}

export function text(value: Value, what: string): string {
  if (typeof value !== 'string') throw new MalformedValue(`${what} is not a string`);
  return value;
}

export function oneOf(value: Value, known: readonly string[], what: string): string {
  const given = text(value, what);
  if (!known.includes(given)) throw new MalformedValue(`${what} is ${show(given)}, not one of ${known.join(', ')}`);
  return given;
}

/** The value may be `undefined`, but it must be there. */
export function given(fields: Fields, name: string): void {
  if (!Object.hasOwn(fields, name)) throw new MalformedValue(`${name} is missing`);
}

/** What `Date` takes for a time, in milliseconds. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= timeMax;
}

const timeMax = 8.64e15;

export function time(value: Value, what: string): void {
  if (!isTime(value)) throw new MalformedValue(`${what} is not a time`);
}

export function count(value: Value, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new MalformedValue(`${what} is not a count`);
  }
  return value;
}

export function checkOutermost(at: Value): void {
  if (at !== '') throw new MalformedValue('the entry of a run has a key');
}

export function attempt(at: Value): void {
  if (!/#\d+(?:!\d+)?$/.test(key(at))) throw new MalformedValue(`${show(at as string)} is not the key of an attempt`);
}

export function step(at: Value): void {
  if (!/^(?:.*\/)?\d+$/.test(key(at))) throw new MalformedValue(`${show(at as string)} is not the key of a step`);
}

export function task(at: Value): void {
  if (!/\.\d+$/.test(key(at))) throw new MalformedValue(`${show(at as string)} is not the key of a task`);
}

export function key(value: Value): string {
  const at = text(value, 'at');
  if (!isKey(at)) throw new MalformedValue(`${show(at)} is not a key`);
  return at;
}

export function show(value: string): string {
  return JSON.stringify(value.slice(0, 60));
}
