import { canonicalTextOf } from '../../base/canonical-json.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Entry } from '../entry.ts';

/** How many redaction marks an entry holds. Nothing is known about what they replaced. */
export function markCount({ observed: _observed, ...entry }: Entry): number {
  return markCountOf(entry);
}

export function markCountOf(value: unknown): number {
  const whole = canonicalValue(value, 'value', { maxBytes: Number.POSITIVE_INFINITY });
  return canonicalTextOf(whole).match(/\[redacted:[a-z-]+(?:#\d+)?\]/g)?.length ?? 0;
}
