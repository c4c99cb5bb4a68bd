// The one encoder that makes bytes: keys sorted by code unit, no white space. Digests are taken from these bytes only.
import { compareCodeUnits } from './compare.ts';
import { encodeValue } from './encode.ts';
import type { Json } from './encode.ts';
import type { Value } from './value.ts';

/** JSON text with sorted keys. Equal JSON gives equal text, whatever order its keys had. */
export function canonicalText(json: Json): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[${(json as readonly Json[]).map(canonicalText).join(',')}]`;
  const record = json as { readonly [key: string]: Json };
  const parts = Object.keys(record)
    .sort(compareCodeUnits)
    .map((key) => `${JSON.stringify(key)}:${canonicalText(record[key] as Json)}`);
  return `{${parts.join(',')}}`;
}

/** The canonical text of a value: equal values, and only those, have equal texts. */
export function canonicalTextOf(value: Value): string {
  return canonicalText(encodeValue(value));
}
