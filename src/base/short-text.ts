// Values in messages: the beginning is enough to tell which one it is.
import { canonicalTextOf } from './canonical-json.ts';
import type { Value } from './value.ts';

const shownLengthMax = 60;

export function shortText(value: Value): string {
  const text = canonicalTextOf(value);
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax - 1)}…`;
}
