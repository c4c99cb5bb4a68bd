// How entries are stored in the file: each as one text, with its large parts taken out and stored once per run, by digest.
import type { Json } from '../../base/encode.ts';
import { encodeCheckpoint } from '../../journal/run/checkpoint.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { encodeEntry } from '../../journal/codec/entry-codec.ts';
import { lineText, splitParts } from '../../journal/codec/parts.ts';
import type { EmitPart } from '../../journal/codec/parts.ts';
import type { Entry } from '../../journal/entry.ts';
import { committedStep, entryTime } from '../progress.ts';
import { columnSum } from './checksum.ts';
import type { Column, TextCodec } from './codec.ts';
import type { KnownParts } from './known-parts.ts';

/** Shorter texts are not searched for parts. Chunks may be longer: they rarely repeat, and may be dropped whole. */
const wholeLengthMax = 4_000;
const chunksLengthMax = 1_000_000;
/** An append of so many entries writes only short texts with its commit, and all that is longer ahead. */
const wideCount = 500;
const wideLengthMax = 1_000;

/** A slice ends after so much: some milliseconds' work. One entry may be longer. */
const sliceLength = 500_000;
const sliceCount = 2_000;

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

export interface BatchSetup {
  readonly runId: string;
  readonly entries: readonly Entry[];
  readonly known: KnownParts;
  /** Is given the length of the entries' texts, and returns the checkpoint after them if one is due. */
  readonly checkpointOf?: ((length: number) => RunCheckpoint | undefined) | undefined;
}

/**
 * Entries as rows, with those of their parts that the file may lack. It is made slice by slice: the parts of a slice may
 * be written before the rest is made, since nothing refers to them until the rows are there.
 */
export class StoredBatch {
  readonly rows: StoredRow[] = [];
  checkpoint: StoredCheckpoint | undefined;
  /** The length of the texts of the entries, and of the parts that were taken out of them. */
  length = 0;
  /** The digests of the parts of the last slice. */
  digests: readonly string[] = [];
  /** Whether that was the last one there is. */
  isComplete = false;
  readonly #setup: BatchSetup;
  /** The digests of all parts that were found. */
  readonly #found = new Set<string>();
  /** Parts that no slice has had yet. */
  #waiting: { readonly digest: string; readonly text: string }[] = [];
  #hasCheckpoint = false;
  /** How much was encoded. */
  #encoded = 0;

  constructor(setup: BatchSetup) {
    this.#setup = setup;
  }

  /** Makes the next slice, or all that is left, and returns its parts. */
  slice(codec: TextCodec, size: 'slice' | 'all' = 'slice'): readonly StoredPart[] {
    const { entries } = this.#setup;
    const lengthMax = size === 'all' ? Number.POSITIVE_INFINITY : sliceLength;
    if (this.#waiting.length === 0) this.#encode(codec, lengthMax);
    const parts = this.#take(lengthMax);
    this.digests = parts.map(({ digest }) => digest);
    this.isComplete = this.#waiting.length === 0 && this.rows.length === entries.length && this.#hasCheckpoint;
    return parts.map(({ digest, text }) => ({
      name: codec.partName(this.#setup.runId, digest),
      column: codec.encode(text),
    }));
  }

  #encode(codec: TextCodec, lengthMax: number): void {
    const { entries, checkpointOf } = this.#setup;
    const end = this.#encoded + lengthMax;
    const countMax = lengthMax === sliceLength ? this.rows.length + sliceCount : entries.length;
    while (this.rows.length < entries.length && this.rows.length < countMax && this.#encoded < end)
      this.#add(entries[this.rows.length] as Entry, codec);
    if (this.rows.length < entries.length || this.#encoded >= end) return;
    const due = checkpointOf?.(this.length);
    if (due !== undefined) this.checkpoint = checkpointColumn(due, this.#emit, codec);
    this.#hasCheckpoint = true;
  }

  #take(lengthMax: number): readonly { readonly digest: string; readonly text: string }[] {
    let length = 0;
    const count = this.#waiting.findIndex(({ text }) => {
      length += text.length;
      return length > lengthMax && length > text.length;
    });
    return count < 0 ? this.#waiting.splice(0) : this.#waiting.splice(0, count);
  }

  #add(entry: Entry, codec: TextCodec): void {
    const before = this.#encoded;
    const lengthMax = this.#setup.entries.length < wideCount ? wholeLengthMax : wideLengthMax;
    const text = shortText(encodeEntry(entry), this.#emit, entry.kind === 'chunk' ? chunksLengthMax : lengthMax);
    const column = codec.encode(text);
    this.rows.push({ step: committedStep(entry), time: entryTime(entry), column, sum: columnSum(column) });
    this.#encoded += text.length;
    this.length += this.#encoded - before;
  }

  readonly #emit: EmitPart = (digest, text) => {
    const { known, runId } = this.#setup;
    if (known.has(runId, digest) || this.#found.has(digest)) return;
    this.#found.add(digest);
    this.#waiting.push({ digest, text });
    this.#encoded += text.length;
  };
}

function checkpointColumn(checkpoint: RunCheckpoint, emit: EmitPart, codec: TextCodec): StoredCheckpoint {
  const json = encodeCheckpoint(checkpoint);
  const { length } = JSON.stringify(json);
  const column = codec.encode(length <= wholeLengthMax ? JSON.stringify(json) : lineText(splitParts(json, emit)));
  return { step: checkpoint.step, column, sum: columnSum(column), length };
}

/** JSON as text. `emit` is called for each part that the text refers to. */
function shortText(json: Json, emit: EmitPart, lengthMax = wholeLengthMax): string {
  const text = JSON.stringify(json);
  return text.length <= lengthMax ? text : lineText(splitParts(json, emit));
}
