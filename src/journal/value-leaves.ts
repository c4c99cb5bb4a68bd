// Replaces the leaves of a value: texts, numbers and byte arrays, wherever they stand.
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

export interface LeafMap {
  text(text: string): string;
  number(number: number): number;
}

/** A value in which nothing changes is returned as is, by identity. */
export function mapLeaves(value: Value, map: LeafMap): Value {
  switch (typeof value) {
    case 'string':
      return map.text(value);
    case 'number':
      return map.number(value);
    case 'object':
      return value === null ? value : mapObject(value, map);
    default:
      return value;
  }
}

function mapObject(value: object & Value, map: LeafMap): Value {
  if (Array.isArray(value)) return mapItems(value as readonly Value[], map, canonicalList) ?? value;
  if (value instanceof Uint8Array) return mapBytes(value, map);
  if (value instanceof Set) return mapItems([...value], map, frozenSet) ?? value;
  if (value instanceof Map) {
    const pairs = [...value].map(([key, item]) => [mapLeaves(key, map), mapLeaves(item, map)] as const);
    return pairs.every(([key, item]) => Object.is(value.get(key), item)) ? value : frozenMap(pairs);
  }
  if (value instanceof Error) return mapError(value, map);
  return isRecordValue(value) ? mapRecord(value, map) : value;
}

function mapItems(items: readonly Value[], map: LeafMap, made: (items: readonly Value[]) => Value): Value | undefined {
  const mapped = items.map((item) => mapLeaves(item, map));
  return mapped.every((item, index) => Object.is(item, items[index])) ? undefined : made(mapped);
}

function mapRecord(record: { readonly [key: string]: Value }, map: LeafMap): { readonly [key: string]: Value } {
  let isChanged = false;
  const fields = Object.keys(record).map((name) => {
    const mapped = [map.text(name), mapLeaves(record[name], map)] as const;
    isChanged ||= mapped[0] !== name || !Object.is(mapped[1], record[name]);
    return mapped;
  });
  return isChanged ? canonicalRecord(fields) : record;
}

function mapError(error: Error, map: LeafMap): Value {
  const parts = errorParts(error);
  const message = map.text(parts.message);
  const fields = mapRecord(parts.fields, map);
  const cause = mapLeaves(parts.cause, map);
  if (message === parts.message && fields === parts.fields && Object.is(cause, parts.cause)) return error;
  return frozenError({ name: parts.name, message, fields, ...(cause === undefined ? {} : { cause }) });
}

function mapBytes(bytes: Uint8Array, map: LeafMap): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const mapped = map.text(text);
  return mapped === text ? bytes : frozenBytes(Buffer.from(mapped, 'latin1'));
}
