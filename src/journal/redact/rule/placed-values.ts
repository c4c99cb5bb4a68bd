// Changes values by where they stand. A path leads into records, lists, headers and forms, and into JSON and events inside of a
// text, around which everything stays byte for byte.
import {
  canonicalList,
  canonicalRecord,
  errorParts,
  frozenBytes,
  frozenError,
  frozenMap,
  frozenSet,
} from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import { isRecordValue } from '../../record-value.ts';
import { jsonDocuments, withLeaves } from '../find/json-leaves.ts';
import type { JsonLeaf, LeafChange } from '../find/json-leaves.ts';
import { below, endsHere, pathsThatEnd } from './place.ts';
import type { Place } from './place.ts';

/** Changes a text, a number or another value without parts. `paths`: those that end at it, or above it. */
export type MapLeaf = (leaf: Value, paths: readonly string[]) => Value;

export function mapPlaced(value: Value, places: readonly Place[], leaf: MapLeaf): Value {
  if (places.length === 0 || value === undefined) return value;
  if (endsHere(places)) {
    const paths = pathsThatEnd(places);
    return value === null ? leaf(value, paths) : mapLeaves(value, (one) => leaf(one, paths));
  }
  if (value === null) return value;
  if (typeof value === 'string') return mapInText(value, places, leaf);
  if (typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return mapInBytes(value, places, leaf);
  if (value instanceof Error) return mapInError(value, places, leaf);
  if (value instanceof Map) return mapInMap(value, places, leaf);
  if (value instanceof Set) return changedSet(value, (item) => mapPlaced(item, below(places, '*'), leaf));
  if (isPairs(value))
    return changedList(value as readonly Value[], (pair) => {
      const [name, held] = pair as unknown as readonly [string, string];
      const mapped = mapPlaced(held, below(places, name), leaf);
      return mapped === held ? pair : canonicalList([name, mapped]);
    });
  if (Array.isArray(value))
    return changedList(value as readonly Value[], (item, index) => mapPlaced(item, below(places, String(index)), leaf));
  return isRecordValue(value) ? mapInRecord(value, places, leaf) : value;
}

/** Every leaf of a value, whatever its parts. */
export function mapLeaves(value: Value, leaf: (leaf: Value) => Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date)
    return value === undefined || value === null ? value : leaf(value);
  if (Array.isArray(value)) return changedList(value as readonly Value[], (item) => mapLeaves(item, leaf));
  if (value instanceof Map) return frozenMap([...value].map(([key, item]) => [key, mapLeaves(item, leaf)] as const));
  if (value instanceof Set) return changedSet(value, (item) => mapLeaves(item, leaf));
  if (value instanceof Error)
    return mapError(
      value,
      (text) => leaf(text),
      (item) => mapLeaves(item, leaf),
    );
  return changedRecord(value as Fields, (item) => mapLeaves(item, leaf));
}

type Fields = { readonly [key: string]: Value };

function mapInRecord(record: Fields, places: readonly Place[], leaf: MapLeaf): Value {
  const keys = Object.keys(record);
  // The body of a request in the form in which it is compared: a path leads on as if it were not there.
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only === 'json' || only === 'form') return changedRecord(record, (item) => mapPlaced(item, places, leaf));
  if (only === 'multipart' && Array.isArray(record.multipart))
    return changedRecord(record, (parts) =>
      changedList(parts as readonly Value[], (part) => mapPart(part, places, leaf)),
    );
  return changedRecord(record, (item, key) => mapPlaced(item, below(places, key), leaf));
}

function mapPart(part: Value, places: readonly Place[], leaf: MapLeaf): Value {
  if (!isRecordValue(part) || typeof part.name !== 'string') return part;
  const within = below(places, part.name);
  return changedRecord(part, (item, key) => (key === 'body' ? mapPlaced(item, within, leaf) : item));
}

function mapInText(text: string, places: readonly Place[], leaf: MapLeaf): string {
  const changes: LeafChange[] = [];
  for (const { leaves } of jsonDocuments(text)) {
    for (const found of leaves) {
      const paths = reaching(places, found.path);
      if (paths === undefined) continue;
      const value = leaf(found.value, paths) as JsonLeaf['value'];
      if (value !== found.value) changes.push({ leaf: found, value });
    }
  }
  return changes.length === 0 ? text : withLeaves(text, changes);
}

/** The paths that end at a leaf, or above it. Undefined if none does. */
function reaching(places: readonly Place[], path: readonly string[]): readonly string[] | undefined {
  let left = places;
  for (const step of path) {
    left = below(left, step);
    if (endsHere(left)) return pathsThatEnd(left);
  }
  return undefined;
}

function mapInBytes(bytes: Uint8Array, places: readonly Place[], leaf: MapLeaf): Value {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  if (text.includes('\ufffd')) return bytes;
  const mapped = mapInText(text, places, leaf);
  return mapped === text ? bytes : frozenBytes(Buffer.from(mapped));
}

function mapInMap(map: ReadonlyMap<Value, Value>, places: readonly Place[], leaf: MapLeaf): Value {
  const mapped = [...map].map(
    ([key, item]) => [key, mapPlaced(item, below(places, typeof key === 'string' ? key : '*'), leaf)] as const,
  );
  return mapped.every(([key, item]) => Object.is(map.get(key), item)) ? map : frozenMap(mapped);
}

function mapInError(error: Error, places: readonly Place[], leaf: MapLeaf): Error {
  return mapError(
    error,
    (message) => mapPlaced(message, below(places, 'message'), leaf),
    (item, key) => mapPlaced(item, below(places, key), leaf),
  );
}

function mapError(
  error: Error,
  ofMessage: (message: string) => Value,
  ofPart: (part: Value, key: string) => Value,
): Error {
  const parts = errorParts(error);
  const message = ofMessage(parts.message) as string;
  const fields = changedRecord(parts.fields as Fields, ofPart);
  const own = changedRecord(parts.own as Fields, ofPart);
  const cause = ofPart(parts.cause, 'cause');
  const isSame = message === parts.message && fields === parts.fields && own === parts.own && cause === parts.cause;
  if (isSame) return error;
  return frozenError({ ...parts, message, fields, own, ...(cause === undefined ? {} : { cause }) } as typeof parts);
}

function changedList(list: readonly Value[], map: (item: Value, index: number) => Value): Value {
  const mapped = list.map(map);
  return mapped.every((item, index) => Object.is(item, list[index])) ? list : canonicalList(mapped);
}

function changedSet(set: ReadonlySet<Value>, map: (item: Value) => Value): Value {
  const items = [...set];
  const mapped = items.map(map);
  return mapped.every((item, index) => Object.is(item, items[index])) ? set : frozenSet(mapped);
}

function changedRecord(record: Fields, map: (item: Value, key: string) => Value): Fields {
  let isChanged = false;
  const mapped = Object.entries(record).map(([key, item]): readonly [string, Value] => {
    const changed = map(item, key);
    isChanged ||= !Object.is(changed, item);
    return [key, changed];
  });
  return isChanged ? (canonicalRecord(mapped) as Fields) : record;
}

function isPairs(value: Value): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (item) => Array.isArray(item) && item.length === 2 && typeof item[0] === 'string' && typeof item[1] === 'string',
    )
  );
}
