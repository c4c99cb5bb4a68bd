// The one codec of entries: SQLite and fixtures write what it encodes, and read through it. What it reads is untrusted.
import { decodeValue, encodeValue } from '../base/encode.ts';
import type { Json } from '../base/encode.ts';
import { canonicalValue } from '../base/value.ts';
import { checkEntry, record } from './entry-check.ts';
import type { Entry } from './entry.ts';

export { checkRunEntry } from './entry-check.ts';

/** An entry as JSON. `observed` is one sub-object, so that it can be left out. */
export function encodeEntry(entry: Entry): { readonly [key: string]: Json } {
  // An entry is plain data of canonical values, so the encoding of values is the encoding of entries.
  return encodeValue(canonicalValue(entry, 'entry', { maxBytes: Number.POSITIVE_INFINITY })) as {
    readonly [key: string]: Json;
  };
}

/**
 * The entry that JSON stands for; deeply frozen.
 *
 * @throws MalformedValue for what `encodeEntry` never makes: whoever reads a file makes a coded error of it.
 */
export function decodeEntry(json: Json): Entry {
  const entry = decodeValue(json);
  checkEntry(record(entry, 'an entry'));
  return entry as unknown as Entry;
}
