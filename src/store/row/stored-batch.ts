// How entries are stored in the file: each as one text, with its large parts taken out and stored once per run, by digest.
import type { Json } from '../../base/encode.ts';
import { encodeCheckpointInPieces } from '../../journal/run/checkpoint.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { encodeEntry, encodeInPieces } from '../../journal/codec/entry-codec.ts';
import { isLonger, lineText, splitInPieces } from '../../journal/codec/parts.ts';
import type { EmitPart } from '../../journal/codec/parts.ts';
import type { Entry } from '../../journal/entry.ts';
import { wideListOf } from '../../journal/wide-list.ts';
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

/** A slice ends after so much: some milliseconds' work. One part may be longer. */
const sliceLength = 200_000;
const sliceCount = 1_000;
/** Rows are written in another turn than the last of them are made, if those are more. */
const lastCount = 500;
/** Or after so many pieces of the work on one that is long. */
const slicePieces = 32;

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
  /** What is being encoded: an entry, or the checkpoint after them. Its parts may go ahead of it. */
  #open: Generator<undefined, void> | undefined;
  #codec!: TextCodec;
  /** How much was encoded, the checkpoint included. */
  #encoded = 0;
  /** The length of the texts of the entries, and of the parts that were taken out of them. */
  length = 0;

  constructor(setup: BatchSetup) {
    this.#setup = setup;
  }

  /** Makes the next slice, or all that is left, and returns its parts. */
  slice(codec: TextCodec, size: 'slice' | 'all' = 'slice'): readonly StoredPart[] {
    const { entries } = this.#setup;
    const lengthMax = size === 'all' ? Number.POSITIVE_INFINITY : sliceLength;
    this.#codec = codec;
    const before = this.rows.length;
    if (this.#waiting.length === 0) this.#encode(lengthMax);
    const parts = this.#take(lengthMax);
    this.digests = parts.map(({ digest }) => digest);
    const isMade = this.#waiting.length === 0 && this.rows.length === entries.length && this.#hasCheckpoint;
    this.isComplete = isMade && (size === 'all' || this.rows.length - before <= lastCount);
    return parts.map(({ digest, text }) => ({
      name: codec.partName(this.#setup.runId, digest),
      column: codec.encode(text),
    }));
  }

  #encode(lengthMax: number): void {
    const { entries } = this.#setup;
    const end = this.#encoded + lengthMax;
    const isWhole = lengthMax !== sliceLength;
    const countMax = isWhole ? Number.POSITIVE_INFINITY : this.rows.length + sliceCount;
    let pieces = 0;
    while (!this.#hasCheckpoint && this.rows.length < countMax && this.#encoded < end) {
      const entry = entries[this.rows.length];
      if (this.#open !== undefined) {
        if (pieces === slicePieces && !isWhole) return;
        pieces += 1;
        if (this.#open.next().done === true) this.#open = undefined;
      } else if (entry === undefined) this.#addCheckpoint();
      else this.#add(entry);
    }
  }

  #addCheckpoint(): void {
    const due = this.#setup.checkpointOf?.(this.length);
    if (due === undefined) {
      this.#hasCheckpoint = true;
      return;
    }
    this.#open = this.#encodeCheckpoint(due);
  }

  *#encodeCheckpoint(due: RunCheckpoint): Generator<undefined, void> {
    const json = yield* encodeCheckpointInPieces(due);
    const text = JSON.stringify(json);
    const { length } = text;
    const shorter = length <= wholeLengthMax ? text : yield* this.#split(json, length);
    const column = this.#codec.encode(shorter);
    this.checkpoint = { step: due.step, column, sum: columnSum(column), length };
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

  #add(entry: Entry): void {
    if (wideListOf(entry) !== undefined) {
      this.#open = this.#addInPieces(entry);
      return;
    }
    const { length } = this.#setup.entries;
    const longest = entry.kind === 'chunk' ? chunksLengthMax : length < wideCount ? wholeLengthMax : wideLengthMax;
    const json = encodeEntry(entry);
    if (isLonger(json, Math.max(longest, wholeLengthMax))) {
      this.#open = this.#addSplit(entry, json, Number.POSITIVE_INFINITY);
      return;
    }
    const text = JSON.stringify(json);
    if (text.length <= longest) this.#addRow(entry, text);
    else this.#open = this.#addSplit(entry, json, text.length);
  }

  *#addInPieces(entry: Entry): Generator<undefined, void> {
    const json = yield* encodeInPieces(entry);
    const length = isLonger(json, wholeLengthMax) ? Number.POSITIVE_INFINITY : JSON.stringify(json).length;
    yield* this.#addSplit(entry, json, length);
  }

  *#addSplit(entry: Entry, json: Json, length: number): Generator<undefined, void> {
    this.#addRow(entry, yield* this.#split(json, length));
  }

  #addRow(entry: Entry, text: string): void {
    const column = this.#codec.encode(text);
    this.rows.push({ step: committedStep(entry), time: entryTime(entry), column, sum: columnSum(column) });
    this.#encoded += text.length;
    this.length = this.#encoded;
  }

  *#split(json: Json, length: number): Generator<undefined, string> {
    return lineText(yield* splitInPieces(json, this.#emit, length));
  }

  readonly #emit: EmitPart = (digest, text) => {
    const { known, runId } = this.#setup;
    if (known.has(runId, digest) || this.#found.has(digest)) return;
    this.#found.add(digest);
    this.#waiting.push({ digest, text });
    this.#encoded += text.length;
  };
}
