// How an entry stands in the file: as one text, its large parts taken out and kept once a run, by their digest.
import { MalformedValue } from '../../base/encode.ts';
import type { Json } from '../../base/encode.ts';
import { RepriseError } from '../../base/error.ts';
import { decodeEntry, encodeEntry } from '../../journal/entry-codec.ts';
import type { Entry } from '../../journal/entry.ts';
import { joinParts, lineText, splitParts } from '../../journal/parts.ts';
import type { EmitPart } from '../../journal/parts.ts';

/** Shorter texts are not looked at for parts. */
const wholeLengthMax = 4_000;

/** What marks a text that has parts. Within a text of the user's the quotes would be escaped. */
const partMark = /"\$(?:part|list|text|record)":/;

/** The text of an entry; `emit` is called for each part that it names. */
export function entryText(entry: Entry, emit: EmitPart): string {
  const json = encodeEntry(entry);
  const text = JSON.stringify(json);
  return text.length <= wholeLengthMax ? text : lineText(splitParts(json, emit));
}

export interface EntryPlace {
  readonly path: string;
  readonly runId: string;
  readonly sequence: number;
}

/** @throws RepriseError `store-unreadable` */
export function storedEntry(text: string, lookUp: (digest: string) => string | undefined, place: EntryPlace): Entry {
  try {
    const json = JSON.parse(text) as Json;
    const entry = decodeEntry(partMark.test(text) ? joinParts(json, lookUp) : json);
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
