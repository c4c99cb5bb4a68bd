// The one codec of entries. SQLite and fixtures write what it encodes and read through it. Its input is untrusted.
import { MalformedValue, decodeValue, encodeValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { mapInPieces } from '../../base/in-pieces.ts';
import { canonicalValue } from '../../base/value.ts';
import { record } from './checked-value.ts';
import { checkEntry } from './entry-check.ts';
import { keepAdviceOf } from '../error/advice.ts';
import { keepStacksOf } from '../error/stacks.ts';
import type { Entry } from '../entry.ts';
import { wideListOf, withList } from '../wide-list.ts';

export { checkRunEntry } from './run-entry-check.ts';

type JsonRecord = { readonly [key: string]: Json };

/** An entry as JSON. `observed` is one sub-object, so that it can be left out. */
export function encodeEntry(entry: Entry): JsonRecord {
  // An entry is plain data of canonical values, so the encoding of values is the encoding of entries.
  return encoded(entry.kind === 'chunk' ? { ...entry, observed: { times: steps(entry.observed.times) } } : entry);
}

/** The same, in pieces if it is the entry of a wide step. */
export function* encodeInPieces(entry: Entry): Generator<undefined, JsonRecord> {
  const wide = wideListOf(entry);
  if (wide === undefined) return encodeEntry(entry);
  const items = yield* mapInPieces(wide.items, encodeItem);
  return withList(encodeEntry(withList(entry, wide.path, [])), wide.path, items);
}

/** An item of a list that an entry holds. */
export function encodeItem(item: unknown): Json {
  return encodeValue(canonicalValue(item, 'entry', { maxBytes: Number.POSITIVE_INFINITY }));
}

/** The `observed` part of an entry, as `encodeEntry` writes it. */
export function encodeObserved(entry: Entry): Json {
  return encoded(entry.kind === 'chunk' ? { times: steps(entry.observed.times) } : entry.observed);
}

function encoded(data: object): JsonRecord {
  return encodeValue(canonicalValue(data, 'entry', { maxBytes: Number.POSITIVE_INFINITY })) as JsonRecord;
}

/**
 * Writes the first time of a chunk entry as it is, and each further one as the difference to the one before: full times
 * would be most of the size of a token.
 */
function steps(times: readonly number[]): readonly number[] {
  return times.map((time, index) => time - (index === 0 ? 0 : (times[index - 1] as number)));
}

function withTimes(json: Json): Json {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const record = json as JsonRecord;
  const observed = record.observed as JsonRecord | null;
  if (record.kind !== 'chunk' || typeof observed !== 'object' || !Array.isArray(observed?.times)) return json;
  let time = 0;
  const times = observed.times.map((step: Json) => {
    if (typeof step !== 'number') throw new MalformedValue('a time of a chunk is not a number');
    time += step;
    return time;
  });
  return { ...record, observed: { times } };
}

/**
 * The entry that JSON stands for, deeply frozen.
 *
 * @throws MalformedValue for what `encodeEntry` never produces. Code that reads files turns it into a coded error.
 */
export function decodeEntry(json: Json): Entry {
  const entry = decodeValue(withTimes(json));
  checkEntry(record(entry, 'an entry'));
  keepStacksOf(entry as unknown as Entry);
  keepAdviceOf(entry as unknown as Entry);
  return entry as unknown as Entry;
}
