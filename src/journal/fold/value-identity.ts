// Finds equal values in a growing collection without looking through all of it each time.
import { canonicalTextOf } from '../../base/canonical-json.ts';
import type { Value } from '../../base/value.ts';

/** A key for a Map or Set: two values have the same one if and only if they are the same value. */
export type Identity = string | number | boolean | bigint | null | undefined;

export function identityOf(value: Value): Identity {
  if (typeof value === 'string') return `text:${value}`;
  if (typeof value !== 'object' || value === null) return value;
  return `object:${canonicalTextOf(value)}`;
}
