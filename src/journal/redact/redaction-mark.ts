import { canonicalTextOf } from '../../base/canonical-json.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Entry } from '../entry.ts';
import { markNumbers, marksInText } from './mark.ts';

/** How many redaction marks an entry holds. Nothing is known about what they replaced. */
export function markCount({ observed: _observed, ...entry }: Entry): number {
  return markCountOf(entry);
}

export function markCountOf(value: unknown): number {
  const whole = canonicalValue(value, 'value', { maxBytes: Number.POSITIVE_INFINITY });
  return canonicalTextOf(whole).match(marksInText)?.length ?? 0;
}

/** The highest number of a mark in an entry; 0 if none has one. */
export function highestMark(entry: Entry): number {
  const whole = canonicalValue(entry, 'entry', { maxBytes: Number.POSITIVE_INFINITY });
  return markNumbers(canonicalTextOf(whole)).reduce((highest, number) => Math.max(highest, number), 0);
}
