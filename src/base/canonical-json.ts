// The one encoder that makes bytes: keys sorted by code unit, no white space. Digests are taken from these bytes only.
import { compareCodeUnits } from './compare.ts';
import { encodeValue } from './encode.ts';
import type { Json } from './encode.ts';
import type { Value } from './value.ts';

/** JSON text with sorted keys. Equal JSON gives equal text, whatever the order of its keys. */
export function canonicalText(json: Json): string {
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  // Loops, not `map`: a deep value then takes one stack frame less for each level.
  let text = '';
  if (Array.isArray(json)) {
    for (const item of json as readonly Json[]) text += `${text === '' ? '' : ','}${canonicalText(item)}`;
    return `[${text}]`;
  }
  const record = json as { readonly [key: string]: Json };
  for (const key of Object.keys(record).sort(compareCodeUnits)) {
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalText(record[key] as Json)}`;
  }
  return `{${text}}`;
}

/** The canonical text of a value: equal values, and only those, have equal texts. */
export function canonicalTextOf(value: Value): string {
  return canonicalText(encodeValue(value));
}
