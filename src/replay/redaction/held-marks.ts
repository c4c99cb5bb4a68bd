// Marks of redaction in what today's code asks for. The outside would take them for what they stand for: an address, a card.
import type { Value } from '../../base/value.ts';
import { canonicalTextOf } from '../../base/canonical-json.ts';

/** Marks that a text does not hold by chance. Those of credentials in requests have no number, and are today's. */
const marks =
  /\[redacted:[a-z][\w-]*#\d+\]|person-\d+@redacted\.invalid|(?:redacted|REDACTED)\.?0\d+|0{8}-0000-4000-8000-\d{12}|XX\d\d ?0[\d ]+|(?<![\w.-])\+?0(?:[ ()./-]?0){5,}[\d ()./-]*\d/g;

/** The first mark in a request that the code was given. */
export function heldMark(request: Value, wasGiven: (mark: string) => boolean): string | undefined {
  const text = canonicalTextOf(request);
  for (const one of new Set([text, decoded(text)]))
    for (const [mark] of one.matchAll(marks)) if (wasGiven(mark.trim())) return mark.trim();
  return undefined;
}

/** Addresses stand percent-encoded in requests. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replaceAll('%40', '@').replaceAll('%23', '#').replaceAll('%20', ' ');
  }
}
