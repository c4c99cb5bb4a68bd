// Prints a value for people: as JSON if it is JSON, otherwise in JavaScript notation.
import { encodeValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { canonicalText } from '../../base/canonical-json.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { oneLine, shortened } from './plain-text.ts';

/** On one line, shortened to a length. */
export function valueText(value: Value, lengthMax = 100): string {
  return oneLine(shortened(bareText(value), lengthMax));
}

function bareText(value: Value): string {
  if (value === undefined) return 'nothing';
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString();
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `${value}n`;
  return canonicalText(encodeValue(value));
}

/** On several lines: indented, with sorted keys. */
export function valueLines(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return bareText(value);
  return JSON.stringify(sorted(encodeValue(value)), null, 2);
}

/** Plain data as canonical, indented JSON, for programs and people. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(
    sorted(encodeValue(canonicalValue(value, 'result', { maxBytes: Number.POSITIVE_INFINITY }))),
    null,
    2,
  );
}

/** What is JSON already, printed the same way. */
export function printedJson(json: Json): string {
  return JSON.stringify(sorted(json), null, 2);
}

function sorted(json: Json): Json {
  return JSON.parse(canonicalText(json)) as Json;
}
