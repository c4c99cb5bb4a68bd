// How an entry stands in the file: as one text, its large parts taken out and kept once a run, by their digest.
import { MalformedValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { decodeEntry, encodeEntry } from '../../journal/entry-codec.ts';
import type { Entry } from '../../journal/entry.ts';
import { joinParts, lineText, splitParts } from '../../journal/parts.ts';
import type { EmitPart } from '../../journal/parts.ts';
import { committedStep, entryTime } from '../progress.ts';
import type { Column, TextCodec } from './codec.ts';
import type { KnownParts } from './known-parts.ts';

/** Shorter texts are not looked at for parts. */
const wholeLengthMax = 4_000;

/** What marks a text that has parts. Within a text of the user's the quotes would be escaped. */
const partMark = /"\$(?:part|list|text|record)":/;

export interface StoredBatch {
  readonly rows: readonly { readonly step: number; readonly time: number; readonly column: Column }[];
  readonly parts: readonly { readonly name: string; readonly column: Column }[];
  /** Those of the parts. */
  readonly digests: readonly string[];
}

/** Entries as rows, and those of their parts that the file may not have yet. */
export function storedBatch(
  runId: string,
  entries: readonly Entry[],
  codec: TextCodec,
  known: KnownParts,
): StoredBatch {
  const texts = new Map<string, string>();
  const emit = (digest: string, text: string): void => {
    if (!known.has(runId, digest)) texts.set(digest, text);
  };
  const rows = entries.map((entry) => ({
    step: committedStep(entry),
    time: entryTime(entry),
    column: codec.encode(entryText(entry, emit)),
  }));
  const parts = [...texts].map(([digest, text]) => ({
    name: codec.partName(runId, digest),
    column: codec.encode(text),
  }));
  return { rows, parts, digests: [...texts.keys()] };
}

/** The text of an entry; `emit` is called for each part that it names. */
function entryText(entry: Entry, emit: EmitPart): string {
  const json = encodeEntry(entry);
  const text = JSON.stringify(json);
  return text.length <= wholeLengthMax ? text : lineText(splitParts(json, emit));
}

export interface EntryPlace {
  readonly path: string;
  readonly runId: string;
  readonly sequence: number;
}

/** `column`: what stands in the file; `lookUp`: the same of a part. @throws RepriseError `store-unreadable` */
export function storedEntry(
  column: unknown,
  lookUp: (digest: string) => unknown,
  codec: TextCodec,
  place: EntryPlace,
): Entry {
  const partText = (digest: string): string | undefined => {
    const found = lookUp(codec.partName(place.runId, digest));
    return found === undefined ? undefined : codec.decode(found);
  };
  try {
    const text = codec.decode(column);
    const json = JSON.parse(text) as Json;
    const entry = decodeEntry(partMark.test(text) ? joinParts(json, partText) : json);
    if (place.sequence === 0 && entry.kind !== 'run') throw new MalformedValue('it does not begin the run');
    return entry;
  } catch (cause) {
    if (!(cause instanceof MalformedValue) && !(cause instanceof SyntaxError)) throw cause;
    throw damagedEntry(place, cause.message, cause);
  }
}

export function damagedEntry({ path, runId, sequence }: EntryPlace, what: string, cause?: unknown): RepriseError {
  return new RepriseError('store-unreadable', `entry ${sequence} of run "${runId}" in ${path} is damaged: ${what}`, {
    nextStep: 'Other runs of the file can still be read.',
    ...(cause === undefined ? {} : { cause }),
    fields: { path, runId, sequence },
  });
}
