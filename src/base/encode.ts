// The one encoding of values as JSON. What JSON lacks is tagged by an object with one key that starts with "$". A
// user's key that starts with "$" gets a second one, so that no user value is mistaken for a tag.
import { impliedClass, isErrorClass, ownPartsOf } from './error-class.ts';
import {
  adopt,
  canonicalRecord,
  errorParts,
  frozenBytes,
  frozenDate,
  frozenError,
  frozenMap,
  frozenSet,
  holdsBytes,
  setOwn,
} from './value.ts';
import type { Value } from './value.ts';
import { bigintDigitsMax, valueDepthMax } from './value-fault.ts';

/**
 * What `JSON.parse` can return. Values of a run that JSON has no form for, such as `undefined` or a bigint, are encoded
 * in it.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function encodeValue(value: Value): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) };
    case 'undefined':
      return { $undefined: true };
    case 'bigint':
      return { $bigint: String(value) };
    default:
      return value === null ? null : encodeObject(value);
  }
}

function encodeObject(value: object): Json {
  if (Array.isArray(value)) return encodeAll(value);
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString() };
  if (value instanceof Uint8Array)
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (value instanceof Map) return { $map: encodePairs(value) };
  if (value instanceof Set) return { $set: encodeAll(value) };
  if (value instanceof Error) return encodeError(value);
  return encodeRecord(value as { readonly [key: string]: Value });
}

// Loops, not `map`: a deep value then takes one stack frame less for each level.
function encodeAll(items: Iterable<Value>): Json {
  const encoded: Json[] = [];
  for (const item of items) encoded.push(encodeValue(item));
  return encoded;
}

function encodePairs(map: ReadonlyMap<Value, Value>): Json {
  const encoded: Json[] = [];
  for (const [key, item] of map) encoded.push([encodeValue(key), encodeValue(item)]);
  return encoded;
}

function encodeRecord(value: { readonly [key: string]: Value }): { readonly [key: string]: Json } {
  const encoded: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    setOwn(encoded, key.startsWith('$') ? `$${key}` : key, encodeValue(value[key]));
  }
  return encoded;
}

function encodeError(error: Error): Json {
  const { className, name, message, fields, own, cause } = errorParts(error);
  return {
    $error: {
      name,
      message,
      // Only where the name alone does not say it.
      ...(className === impliedClass(name) ? {} : { class: className }),
      ...(Object.keys(fields).length === 0 ? {} : { fields: encodeRecord(fields) }),
      ...encodeRecord(own),
      ...(cause === undefined ? {} : { cause: encodeValue(cause) }),
    },
  };
}

export class MalformedValue extends Error {
  override readonly name = 'MalformedValue';
}

/**
 * The canonical value that a JSON encoding stands for. It takes the JSON over: what is canonical as it stands, as most of
 * it is, becomes the value. So nobody else may hold it.
 *
 * @throws MalformedValue for JSON that `encodeValue` never produces. Code that reads files turns it into a coded error.
 */
export function decodeValue(json: Json): Value {
  try {
    return decode(json, 0);
  } catch (thrown) {
    // The depth of the stack differs between machines, and hostile JSON may exhaust it in ways of its own.
    if (thrown instanceof RangeError) throw tooDeep();
    throw thrown;
  }
}

/** A patch of the deepest allowed state has two levels for each of the state's, and the entry around it adds a few. */
const decodeDepthMax = 2 * valueDepthMax + 100;

function tooDeep(): MalformedValue {
  return new MalformedValue('the value is nested too deep');
}

/** `depth` counts the levels of the value. A tag adds none. */
function decode(json: Json, depth: number): Value {
  if (typeof json !== 'object' || json === null) return json;
  if (depth > decodeDepthMax) throw tooDeep();
  if (Array.isArray(json)) return decodeList(json as Json[], depth);
  const record = json as { readonly [key: string]: Json };
  const keys = Object.keys(record);
  const first = keys[0];
  if (first?.startsWith('$') && !first.startsWith('$$')) {
    if (keys.length !== 1) throw new MalformedValue(`a tag ${first} has other keys next to it`);
    // Not by way of the other tags: an error in a field of an error takes the most of the stack for each level.
    if (first === '$error') return decodeError(record[first] as Json, depth);
    return decodeTag(first, record[first] as Json, depth);
  }
  return isInOrder(keys) ? decodeInOrder(record, keys, depth) : decodeUnordered(record, keys, depth);
}

function decodeUnordered(
  record: { readonly [key: string]: Json },
  keys: readonly string[],
  depth: number,
): { readonly [key: string]: Value } {
  const entries: [string, Value][] = [];
  for (const key of keys) entries.push([unescapeKey(key), decode(record[key] as Json, depth + 1)]);
  return canonicalRecord(entries);
}

/** Whether these keys are canonical as they stand, as those of nearly every record are that was encoded here. */
function isInOrder(keys: readonly string[]): boolean {
  let before = '';
  for (const key of keys) {
    if (key < before || key.startsWith('$')) return false;
    before = key;
  }
  return true;
}

function decodeInOrder(
  record: { readonly [key: string]: Json },
  keys: readonly string[],
  depth: number,
): { readonly [key: string]: Value } {
  let hasBytes = false;
  for (const key of keys) {
    const json = record[key] as Json;
    if (typeof json !== 'object' || json === null) continue;
    const value = decode(json, depth + 1);
    hasBytes ||= holdsBytes(value);
    if (value !== json) setOwn(record, key, value);
  }
  return adopt(record, hasBytes);
}

function decodeList(list: Json[], depth: number): readonly Value[] {
  let hasBytes = false;
  for (let index = 0; index < list.length; index += 1) {
    const json = list[index] as Json;
    if (typeof json !== 'object' || json === null) continue;
    const value = decode(json, depth + 1);
    hasBytes ||= holdsBytes(value);
    if (value !== json) (list as Value[])[index] = value;
  }
  return adopt(list, hasBytes);
}

function decodeAll(items: readonly Json[], depth: number): readonly Value[] {
  const values: Value[] = [];
  for (const item of items) values.push(decode(item, depth + 1));
  return values;
}

function unescapeKey(key: string): string {
  if (!key.startsWith('$')) return key;
  if (!key.startsWith('$$')) throw new MalformedValue(`a tag ${key} has other keys next to it`);
  return key.slice(1);
}

function decodeTag(tag: string, json: Json, depth: number): Value {
  switch (tag) {
    case '$undefined':
      return undefined;
    case '$number':
      return decodeNumber(json);
    case '$bigint':
      return decodeBigint(json);
    case '$date':
      return frozenDate(json === 'invalid' ? Number.NaN : validTime(json));
    case '$bytes':
      return frozenBytes(Buffer.from(expectText(json, tag), 'base64'));
    case '$map':
      return frozenMap(decodePairs(expectList(json, tag), depth));
    case '$set':
      return frozenSet(decodeAll(expectList(json, tag), depth));
    default:
      throw new MalformedValue(`${tag} is not a tag of this version`);
  }
}

const specialNumbers = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

function decodeNumber(json: Json): number {
  const value = typeof json === 'string' ? specialNumbers.get(json) : undefined;
  if (value === undefined) throw new MalformedValue('$number does not hold a special number');
  return value;
}

function decodeBigint(json: Json): bigint {
  const text = expectText(json, '$bigint');
  if (!/^-?\d+$/.test(text) || text.length > bigintDigitsMax + (text.startsWith('-') ? 1 : 0))
    throw new MalformedValue('$bigint does not hold a whole number');
  return BigInt(text);
}

function validTime(json: Json): number {
  const text = expectText(json, '$date');
  const time = Date.parse(text);
  // `Date.parse` takes more than one spelling, and reads some of them by the machine's time zone.
  if (Number.isNaN(time) || new Date(time).toISOString() !== text) {
    throw new MalformedValue(`$date holds ${JSON.stringify(text).slice(0, 60)}`);
  }
  return time;
}

function decodePairs(pairs: readonly Json[], depth: number): readonly (readonly [Value, Value])[] {
  const entries: [Value, Value][] = [];
  for (const json of pairs) {
    const pair = expectList(json, '$map');
    if (pair.length !== 2) throw new MalformedValue('an item of $map is not a pair');
    entries.push([decode(pair[0] as Json, depth + 1), decode(pair[1] as Json, depth + 1)]);
  }
  return entries;
}

/** The fields of an error as they are written. A list or a tag holds none. */
function fieldsIn(json: Json): { readonly [key: string]: Json } {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || Object.keys(json).some(isTag))
    throw new MalformedValue('$error has no fields');
  for (const name of errorOwnNames)
    if (Object.hasOwn(json, name)) throw new MalformedValue(`$error has a field ${name}`);
  return json as { readonly [key: string]: Json };
}

const isTag = (key: string): boolean => key.startsWith('$') && !key.startsWith('$$');

/** Properties that every error has, so that no field may have their names. */
const errorOwnNames = ['name', 'message', 'stack', 'cause'];

function decodeError(json: Json, depth: number): Error {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MalformedValue('$error does not hold an object');
  const parts = json as { readonly [key: string]: Json };
  const given = fieldsIn(parts.fields ?? {});
  const keys = Object.keys(given);
  const fields = isInOrder(keys) ? decodeInOrder(given, keys, depth) : decodeUnordered(given, keys, depth);
  const name = expectText(parts.name ?? null, '$error');
  const className = parts.class === undefined ? impliedClass(name) : expectText(parts.class, '$error');
  if (!isErrorClass(className)) throw new MalformedValue('$error has a class that is not kept');
  const own: Record<string, Value> = {};
  for (const part of ownPartsOf(className)) {
    const held = Object.hasOwn(parts, part) && !Object.hasOwn(fields, part) ? parts[part] : undefined;
    if (held !== undefined) own[part] = decode(held, depth + 1);
  }
  return frozenError({
    className,
    name,
    message: expectText(parts.message ?? null, '$error'),
    fields,
    own,
    ...(parts.cause === undefined ? {} : { cause: decode(parts.cause, depth + 1) }),
  });
}

function expectText(json: Json, tag: string): string {
  if (typeof json !== 'string') throw new MalformedValue(`${tag} does not hold a string`);
  return json;
}

function expectList(json: Json, tag: string): readonly Json[] {
  if (!Array.isArray(json)) throw new MalformedValue(`${tag} does not hold a list`);
  return json as readonly Json[];
}
