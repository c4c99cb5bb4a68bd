// How an entry is stored in the file: as one text, with its large parts taken out and stored once per run, by digest.
import { MalformedValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../journal/checkpoint.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
import { decodeEntry, encodeEntry } from '../../journal/codec/entry-codec.ts';
import type { Entry } from '../../journal/entry.ts';
import { joinParts, lineText, partDigest, splitParts } from '../../journal/codec/parts.ts';
import type { EmitPart } from '../../journal/codec/parts.ts';
import { committedStep, entryTime } from '../progress.ts';
import { columnSum, isIntact } from './checksum.ts';
import type { Column, TextCodec } from './codec.ts';
import type { KnownParts } from './known-parts.ts';
import type { CheckpointRow, EntryRow } from './rows.ts';

/** Shorter texts are not searched for parts. Chunks may be longer: they rarely repeat, and may be dropped whole. */
const wholeLengthMax = 4_000;
const chunksLengthMax = 1_000_000;

/** Matches a text that has parts. In a user's own text the quotes would be escaped. */
const partMark = /"\$(?:part|list|text|record)":/;

const digestText = /"[0-9a-f]{32}"/g;

/** A checkpoint. `length` is that of its full text, including parts that the file already has. */
export interface StoredCheckpoint {
  readonly step: number;
  readonly column: Column;
  readonly sum: number;
  readonly length: number;
}

export interface StoredRow {
  readonly step: number;
  readonly time: number;
  readonly column: Column;
  /** The checksum of the column, still without its place. */
  readonly sum: number;
}

export interface StoredPart {
  readonly name: string;
  readonly column: Column;
}

export interface StoredBatch {
  readonly checkpoint: StoredCheckpoint | undefined;
  /** The length of the entries' texts. */
  readonly length: number;
  readonly rows: readonly StoredRow[];
  readonly parts: readonly StoredPart[];
  /** The digests of `parts`. */
  readonly digests: readonly string[];
}

/**
 * Entries as rows, with those of their parts that the file may lack. `checkpointOf` is given the length of the entries'
 * texts, and returns the checkpoint after them if one is due.
 */
export function storedBatch(
  runId: string,
  entries: readonly Entry[],
  codec: TextCodec,
  known: KnownParts,
  checkpointOf: (length: number) => RunCheckpoint | undefined = () => undefined,
): StoredBatch {
  const texts = new Map<string, string>();
  let length = 0;
  const emit = (digest: string, text: string): void => {
    if (known.has(runId, digest) || texts.has(digest)) return;
    texts.set(digest, text);
    length += text.length;
  };
  const rows = entries.map((entry) => {
    const text = shortText(encodeEntry(entry), emit, entry.kind === 'chunk' ? chunksLengthMax : wholeLengthMax);
    length += text.length;
    const column = codec.encode(text);
    return { step: committedStep(entry), time: entryTime(entry), column, sum: columnSum(column) };
  });
  const written = length;
  const due = checkpointOf(written);
  const checkpoint = due === undefined ? undefined : checkpointColumn(due, emit, codec);
  const parts = [...texts].map(([digest, text]) => ({
    name: codec.partName(runId, digest),
    column: codec.encode(text),
  }));
  return { rows, parts, digests: [...texts.keys()], checkpoint, length: written };
}

function checkpointColumn(checkpoint: RunCheckpoint, emit: EmitPart, codec: TextCodec): StoredCheckpoint {
  const json = encodeCheckpoint(checkpoint);
  const column = codec.encode(shortText(json, emit));
  return { step: checkpoint.step, column, sum: columnSum(column), length: JSON.stringify(json).length };
}

/** JSON as text. `emit` is called for each part that the text refers to. */
function shortText(json: Json, emit: EmitPart, lengthMax = wholeLengthMax): string {
  const text = JSON.stringify(json);
  return text.length <= lengthMax ? text : lineText(splitParts(json, emit));
}

export interface EntryPlace {
  readonly path: string;
  readonly runId: string;
  readonly sequence: number;
}

/** `lookUp` returns the stored column of a part. @throws RepriseError `store-unreadable` */
export function storedEntry(
  { json, crc, step, time }: EntryRow,
  lookUp: (digest: string) => unknown,
  codec: TextCodec,
  place: EntryPlace,
): Entry {
  try {
    if (!isIntact(crc, json, place.runId, place.sequence, step, time))
      throw new MalformedValue('its checksum is wrong');
    const entry = decodeEntry(storedJson(json, partTexts(lookUp, codec, place.runId), codec));
    if (place.sequence === 0 && entry.kind !== 'run') throw new MalformedValue('it does not begin the run');
    return entry;
  } catch (cause) {
    if (!(cause instanceof MalformedValue) && !(cause instanceof SyntaxError)) throw cause;
    throw damagedEntry(place, cause.message, cause);
  }
}

function storedJson(column: unknown, partText: (digest: string) => string | undefined, codec: TextCodec): Json {
  const text = codec.decode(column);
  const json = JSON.parse(text) as Json;
  return text.includes('"$') && partMark.test(text) ? joinParts(json, partText) : json;
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
    return decodeCheckpoint(storedJson(json, partTexts(lookUp, codec, runId), codec));
  } catch (thrown) {
    if (thrown instanceof MalformedValue || thrown instanceof SyntaxError) return undefined;
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
