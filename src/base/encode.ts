// The one encoding of values as JSON. What JSON lacks is tagged by an object with one key that begins with "$"; a key
// of the user's that begins with "$" gets one more, so that no value of a user's is ever taken for a tag.
import {
  canonicalList,
  canonicalRecord,
  errorParts,
  frozenBytes,
  frozenDate,
  frozenError,
  frozenMap,
  frozenSet,
  setOwn,
} from './value.ts';
import type { Value } from './value.ts';

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
  if (Array.isArray(value)) return value.map(encodeValue);
  if (value instanceof Date) return { $date: Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString() };
  if (value instanceof Uint8Array)
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (value instanceof Map) return { $map: [...value].map(([key, item]) => [encodeValue(key), encodeValue(item)]) };
  if (value instanceof Set) return { $set: [...value].map(encodeValue) };
  if (value instanceof Error) return encodeError(value);
  return encodeRecord(value as { readonly [key: string]: Value });
}

function encodeRecord(value: { readonly [key: string]: Value }): Json {
  const encoded: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    setOwn(encoded, key.startsWith('$') ? `$${key}` : key, encodeValue(value[key]));
  }
  return encoded;
}

function encodeError(error: Error): Json {
  const { name, message, fields, cause } = errorParts(error);
  return {
    $error: {
      name,
      message,
      ...(Object.keys(fields).length === 0 ? {} : { fields: encodeRecord(fields) }),
      ...(cause === undefined ? {} : { cause: encodeValue(cause) }),
    },
  };
}

export class MalformedValue extends Error {
  override readonly name = 'MalformedValue';
}

/**
 * The canonical value that a JSON encoding stands for.
 *
 * @throws MalformedValue for JSON that `encodeValue` never makes: whoever reads a file turns it into a coded error.
 */
export function decodeValue(json: Json): Value {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return canonicalList((json as readonly Json[]).map(decodeValue));
  const record = json as { readonly [key: string]: Json };
  const keys = Object.keys(record);
  const first = keys[0];
  if (first?.startsWith('$') && !first.startsWith('$$')) {
    if (keys.length !== 1) throw new MalformedValue(`a tag ${first} has other keys beside it`);
    return decodeTag(first, record[first] as Json);
  }
  return canonicalRecord(keys.map((key) => [unescapeKey(key), decodeValue(record[key] as Json)]));
}

function unescapeKey(key: string): string {
  if (!key.startsWith('$')) return key;
  if (!key.startsWith('$$')) throw new MalformedValue(`a tag ${key} has other keys beside it`);
  return key.slice(1);
}

function decodeTag(tag: string, json: Json): Value {
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
      return frozenMap(expectList(json, tag).map(decodePair));
    case '$set':
      return frozenSet(expectList(json, tag).map(decodeValue));
    case '$error':
      return decodeError(json);
    default:
      throw new MalformedValue(`${tag} is no tag of this version`);
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
  if (value === undefined) throw new MalformedValue(`$number holds ${JSON.stringify(json)}`);
  return value;
}

function decodeBigint(json: Json): bigint {
  const text = expectText(json, '$bigint');
  if (!/^-?\d{1,100000}$/.test(text)) throw new MalformedValue('$bigint holds no whole number');
  return BigInt(text);
}

function validTime(json: Json): number {
  const time = Date.parse(expectText(json, '$date'));
  if (Number.isNaN(time)) throw new MalformedValue(`$date holds ${JSON.stringify(json)}`);
  return time;
}

function decodePair(json: Json): readonly [Value, Value] {
  const pair = expectList(json, '$map');
  if (pair.length !== 2) throw new MalformedValue('an item of $map is no pair');
  return [decodeValue(pair[0] as Json), decodeValue(pair[1] as Json)];
}

function decodeError(json: Json): Error {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MalformedValue('$error holds no object');
  const parts = json as { readonly [key: string]: Json };
  const fields = decodeValue(parts.fields ?? {});
  if (typeof fields !== 'object' || fields === null) throw new MalformedValue('$error has no fields');
  return frozenError({
    name: expectText(parts.name ?? null, '$error'),
    message: expectText(parts.message ?? null, '$error'),
    fields: fields as Readonly<Record<string, Value>>,
    ...(parts.cause === undefined ? {} : { cause: decodeValue(parts.cause) }),
  });
}

function expectText(json: Json, tag: string): string {
  if (typeof json !== 'string') throw new MalformedValue(`${tag} holds no text`);
  return json;
}

function expectList(json: Json, tag: string): readonly Json[] {
  if (!Array.isArray(json)) throw new MalformedValue(`${tag} holds no list`);
  return json as readonly Json[];
}
