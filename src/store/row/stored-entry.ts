// Reads entries and checkpoints as `stored-batch.ts` has stored them.
import { MalformedValue } from '../../base/encode.ts';
import { atOnce } from '../../base/in-pieces.ts';
import type { Json } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { decodeCheckpoint } from '../../journal/run/checkpoint.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { decodeEntry } from '../../journal/codec/entry-codec.ts';
import { LaterRelease } from '../../journal/codec/later-release.ts';
import type { Entry } from '../../journal/entry.ts';
import { joinInPieces, partDigest } from '../../journal/codec/parts.ts';
import { isIntact } from './checksum.ts';
import type { TextCodec } from './codec.ts';

/** Matches a text that has parts. In a user's own text the quotes would be escaped. */
const partMark = /"\$(?:part|list|text|record)":/;
const digestText = /"[0-9a-f]{32}"/g;

export interface EntryRow {
  readonly sequence: number;
  readonly step: number;
  readonly time: number;
  readonly json: unknown;
  readonly crc: number | null;
}

export interface CheckpointRow {
  readonly sequence: number;
  readonly step: number;
  readonly json: unknown;
  readonly crc: number | null;
}

export interface EntryPlace {
  readonly path: string;
  readonly runId: string;
  readonly sequence: number;
}

/** `lookUp` returns the stored column of a part. @throws RepriseError `store-unreadable`, `store-version-unknown` */
export function storedEntry(...given: Parameters<typeof storedEntryInPieces>): Entry {
  return atOnce(storedEntryInPieces(...given));
}

/** The same, with pieces of the work. */
export function* storedEntryInPieces(
  { json, crc, step, time }: EntryRow,
  lookUp: (digest: string) => unknown,
  codec: TextCodec,
  place: EntryPlace,
): Generator<undefined, Entry> {
  try {
    if (!isIntact(crc, json, place.runId, place.sequence, step, time))
      throw new MalformedValue('its checksum is wrong');
    const entry = decodeEntry(yield* storedJson(json, partTexts(lookUp, codec, place.runId), codec));
    if (place.sequence === 0 && entry.kind !== 'run') throw new MalformedValue('it does not begin the run');
    return entry;
  } catch (cause) {
    if (cause instanceof LaterRelease) throw laterEntry(place, cause);
    if (!isMalformed(cause)) throw cause;
    throw damagedEntry(place, cause.message, cause);
  }
}

function* storedJson(
  column: unknown,
  partText: (digest: string) => string | undefined,
  codec: TextCodec,
): Generator<undefined, Json> {
  const text = codec.decode(column);
  const json = JSON.parse(text) as Json;
  return text.includes('"$') && partMark.test(text) ? yield* joinInPieces(json, partText) : json;
}

/** The digests of parts that a text of an entry names; some may name nothing, since values may look like digests. */
export function partNamesIn(text: string): readonly string[] {
  return partMark.test(text) ? namesIn(text) : [];
}

/** Those that the text of a part names: a long list of names is a part as well. */
export function namesIn(text: string): readonly string[] {
  return text.match(digestText)?.map((quoted) => quoted.slice(1, -1)) ?? [];
}

/** Undefined if it cannot be read: the journal holds the same information. */
export function storedCheckpoint(
  { json, crc, sequence, step }: CheckpointRow,
  lookUp: (digest: string) => unknown,
  codec: TextCodec,
  runId: string,
): RunCheckpoint | undefined {
  try {
    if (!isIntact(crc, json, runId, sequence, step)) return undefined;
    return decodeCheckpoint(atOnce(storedJson(json, partTexts(lookUp, codec, runId), codec)));
  } catch (thrown) {
    if (isMalformed(thrown)) return undefined;
    throw thrown;
  }
}

function partTexts(
  lookUp: (digest: string) => unknown,
  codec: TextCodec,
  runId: string,
): (digest: string) => string | undefined {
  return (digest) => {
    const found = lookUp(codec.partName(runId, digest));
    if (found === undefined) return undefined;
    const text = codec.decode(found);
    if (partDigest(text) !== digest) throw new MalformedValue(`its part ${digest} does not match that digest`);
    return text;
  };
}

export function damagedEntry({ path, runId, sequence }: EntryPlace, what: string, cause?: unknown): RepriseError {
  return new RepriseError('store-unreadable', `entry ${sequence} of run "${runId}" in ${path} is damaged: ${what}`, {
    nextStep: 'Other runs in the file can still be read.',
    ...(cause === undefined ? {} : { cause }),
    fields: { path, runId, sequence },
  });
}

function laterEntry({ path, runId, sequence }: EntryPlace, cause: LaterRelease): RepriseError {
  const message = `a later release has written entry ${sequence} of run "${runId}" in ${path}: ${cause.message}`;
  return new RepriseError('store-version-unknown', message, {
    nextStep: 'Update Reprise, or leave the run to processes of the later release. Nothing was changed.',
    cause,
    fields: { path, runId, sequence, ...cause.version },
  });
}

/** What reading a text throws that nobody here has written. */
export function isMalformed(thrown: unknown): thrown is MalformedValue | SyntaxError {
  return thrown instanceof MalformedValue || thrown instanceof SyntaxError;
}
