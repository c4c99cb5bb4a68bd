// Copies of canonical values that differ only in what is one object: a law must hold for all of them.
import { canonicalTextOf } from '../../base/canonical-json.ts';
import { decodeValue, encodeValue } from '../../base/encode.ts';
import { canonicalList, canonicalRecord, errorOf, errorParts, frozenMap, frozenSet, setOwn } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';

/** Shares no object with anything else, as if it had been read from a journal. */
export function freshCopy(value: Value): Value {
  return typeof value === 'object' && value !== null ? decodeValue(encodeValue(value)) : value;
}

/** Makes copies in which equal values are one object. */
export function sharingCopier(): (value: Value) => Value {
  const known = new Map<string, Value>();
  const share = (value: Value): Value => {
    if (typeof value !== 'object' || value === null) return value;
    const text = canonicalTextOf(value);
    const same = known.get(text);
    if (same !== undefined) return same;
    const copy = withParts(value, share);
    known.set(text, copy);
    return copy;
  };
  return share;
}

function withParts(value: Value & object, share: (value: Value) => Value): Value {
  if (Array.isArray(value)) return canonicalList(value.map(share));
  if (value instanceof Map) return frozenMap([...value].map(([key, item]) => [share(key), share(item)]));
  if (value instanceof Set) return frozenSet([...value].map(share));
  if (value instanceof Date || value instanceof Uint8Array || value instanceof Error) return value;
  return canonicalRecord(
    Object.entries(value as { readonly [key: string]: Value }).map(([key, item]) => [key, share(item)]),
  );
}

/** A plain copy that can be changed. */
export function thawed(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(thawed);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [thawed(key), thawed(item)]));
  if (value instanceof Set) return new Set([...value].map(thawed));
  if (value instanceof Date) return new Date(value.getTime());
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Error) return errorOf(errorParts(value), '');
  const record: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) setOwn(record, key, thawed(item as Value));
  return record;
}
