// Changes what a value holds. Each walk over values needs this, and differs only in what it looks for.
import {
  canonicalList,
  canonicalRecord,
  errorParts,
  frozenBytes,
  frozenError,
  frozenMap,
  frozenSet,
} from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { isRecordValue } from './record-value.ts';
import type { RecordValue } from './record-value.ts';

export interface ValueMap {
  text(text: string): string;
  value(value: Value): Value;
  /** A value that has a name, mapped before: of a record, or of a map whose key is a text. */
  field(name: string, value: Value): Value;
  bytes(bytes: Uint8Array): Value;
}

/** What a value holds, mapped. A value in which nothing changes is returned as is, by identity. */
export function mapParts(value: object & Value, map: ValueMap): Value {
  if (Array.isArray(value)) {
    const list = value as readonly Value[];
    const items = mapItems(list, map);
    return items === list ? list : canonicalList(items);
  }
  if (value instanceof Uint8Array) return map.bytes(value);
  if (value instanceof Map) return mapEntries(value, map);
  if (value instanceof Set) {
    const items: readonly Value[] = [...value];
    const mapped = mapItems(items, map);
    return mapped === items ? value : frozenSet(mapped);
  }
  if (value instanceof Error) return mapError(value, map);
  return isRecordValue(value) ? mapRecord(value, map) : value;
}

/** Changes the texts of a value, whatever their names are. */
export class TextMap implements ValueMap {
  readonly text: (text: string) => string;
  readonly bytes: (bytes: Uint8Array) => Value;

  constructor(
    text: (text: string) => string,
    bytes: (bytes: Uint8Array) => Value = (given) => mapBytesAsText(given, text),
  ) {
    this.text = text;
    this.bytes = bytes;
  }

  value(value: Value): Value {
    if (typeof value === 'string') return this.text(value);
    return typeof value === 'object' && value !== null ? mapParts(value, this) : value;
  }

  field(_name: string, value: Value): Value {
    return this.value(value);
  }
}

/** Byte arrays are mostly images and the like, but some are texts that were never decoded. */
export function mapBytesAsText(bytes: Uint8Array, mapText: (text: string) => string): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const mapped = mapText(text);
  return mapped === text ? bytes : frozenBytes(Buffer.from(mapped, 'latin1'));
}

function mapItems(items: readonly Value[], map: ValueMap): readonly Value[] {
  let changed: Value[] | undefined;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    const mapped = map.value(item);
    if (Object.is(mapped, item)) continue;
    changed ??= [...items];
    changed[index] = mapped;
  }
  return changed ?? items;
}

function mapRecord(record: RecordValue, map: ValueMap): RecordValue {
  let changed: Map<string, Value> | undefined;
  for (const key of Object.keys(record)) {
    const value = record[key];
    const mappedKey = map.text(key);
    const mapped = map.field(mappedKey, value);
    if (mappedKey === key && Object.is(mapped, value)) continue;
    changed ??= new Map(Object.entries(record));
    if (mappedKey !== key) changed.delete(key);
    changed.set(mappedKey === key ? key : unusedKey(mappedKey, changed), mapped);
  }
  return changed === undefined ? record : canonicalRecord(changed);
}

/** Two keys of one record may become the same text, as two secrets do in a request. Neither entry may be lost. */
function unusedKey(key: string, taken: ReadonlyMap<string, Value>): string {
  let unused = key;
  for (let number = 2; taken.has(unused); number += 1) unused = `${key}~${number}`;
  return unused;
}

function mapEntries(entries: ReadonlyMap<Value, Value>, map: ValueMap): ReadonlyMap<Value, Value> {
  let isChanged = false;
  const mapped = [...entries].map(([key, value]): readonly [Value, Value] => {
    const mappedKey = map.value(key);
    const mappedValue = typeof mappedKey === 'string' ? map.field(mappedKey, value) : map.value(value);
    isChanged ||= !Object.is(mappedValue, value) || !Object.is(mappedKey, key);
    return [mappedKey, mappedValue];
  });
  return isChanged ? frozenMap(mapped) : entries;
}

function mapError(error: Error, map: ValueMap): Error {
  const parts = errorParts(error);
  const message = map.text(parts.message);
  const fields = mapRecord(parts.fields, map);
  const own = mapRecord(parts.own, map);
  const cause = map.value(parts.cause);
  const isSame =
    message === parts.message && fields === parts.fields && own === parts.own && Object.is(cause, parts.cause);
  if (isSame) return error;
  return frozenError({ ...parts, message, fields, own, ...(cause === undefined ? {} : { cause }) });
}
