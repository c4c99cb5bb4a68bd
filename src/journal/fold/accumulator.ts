// Folds the chunks of an attempt into its delta, which can be read at each chunk.
//   A1. Chunks are folded only on demand, and each of them once: reading the delta at every chunk costs no more.
//   A2. Older chunks are kept as their fold alone: memory grows with the delta and not with the number of chunks.
//   A3. Readers in the process of the attempt take over its fold of older chunks.
import { assert } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import type { StateDescription } from '../description.ts';
import { ChunkFold } from './chunk-fold.ts';

/** How many chunks are kept one by one, so that they can be truncated. */
const segmentSize = 256;

type Fields = (StateDescription & { readonly kind: 'fields' })['fields'];

/** Consecutive chunks, and the fold of all those before them. */
export class Segment {
  readonly start: number;
  readonly chunks: Value[];
  readonly #fields: Fields | undefined;
  readonly #before: ChunkFold;
  #known: { readonly count: number; readonly fold: ChunkFold };

  constructor(fields: Fields | undefined, start: number, before: ChunkFold, chunks: Value[]) {
    this.#fields = fields;
    this.start = start;
    this.chunks = chunks;
    this.#before = before;
    this.#known = { count: 0, fold: before };
  }

  /** The fold of all chunks up to this one. The last chunk itself if only user code can fold the state. */
  deltaAt(ordinal: number): Value {
    return this.#fields === undefined ? this.chunks[ordinal - this.start] : this.foldTo(ordinal + 1).delta;
  }

  /** The fold of all chunks before this one. */
  foldTo(ordinal: number): ChunkFold {
    const fields = this.#fields;
    const count = ordinal - this.start;
    const known = count < this.#known.count ? { count: 0, fold: this.#before } : this.#known;
    if (count === known.count || fields === undefined) return known.fold;
    const fold = known.fold.with(this.chunks.slice(known.count, count), fields);
    this.#known = { count, fold };
    return fold;
  }

  /** The same chunks, folded as far as its own reader asks: several readers of one segment would undo each other's work. */
  view(): Segment {
    return new Segment(this.#fields, this.start, this.#before, this.chunks);
  }
}

export class Accumulator {
  readonly #fields: Fields | undefined;
  #segment: Segment;
  /** Whose segment it is: its own, or a view of one that an attempt adds to. */
  #owner: 'self' | 'attempt' = 'self';
  #count = 0;

  constructor(state: StateDescription | undefined) {
    this.#fields = state?.kind === 'fields' ? state.fields : undefined;
    this.#segment = new Segment(this.#fields, 0, ChunkFold.empty, []);
  }

  get count(): number {
    return this.#count;
  }

  /** Returns the chunk's segment, from which the delta at the chunk can be read later. */
  add(chunk: Value): Segment {
    const segment = this.#segmentFor(1);
    segment.chunks.push(chunk);
    this.#count += 1;
    return segment;
  }

  /** Adds consecutive chunks, which share one segment. `shared`: the segment in which their attempt added them. */
  addRow(chunks: readonly Value[], ordinal: number, shared: Segment | undefined): Segment {
    if (shared !== undefined && this.#fields !== undefined) return this.#takeOver(shared, ordinal + chunks.length);
    const segment = this.#segmentFor(chunks.length);
    for (const chunk of chunks) segment.chunks.push(chunk);
    this.#count += chunks.length;
    return segment;
  }

  /** The fold of all chunks. */
  get fold(): ChunkFold {
    return this.#segment.foldTo(this.#count);
  }

  /** Whether the chunks from this ordinal on can be dropped: those before it have to be kept one by one still. */
  canTruncate(ordinal: number): boolean {
    return ordinal >= this.#segment.start;
  }

  /** Drops the chunks from this ordinal on. */
  truncate(ordinal: number): void {
    assert(this.canTruncate(ordinal), 'A2: chunks that are kept as their fold cannot be dropped');
    const { start, chunks } = this.#segment;
    // Callers may still hold the old segment, so it stays as it is.
    this.#begin(start, chunks.slice(0, ordinal - start));
    this.#count = ordinal;
  }

  #takeOver(shared: Segment, count: number): Segment {
    if (this.#owner === 'self' || this.#segment.chunks !== shared.chunks) this.#segment = shared.view();
    this.#owner = 'attempt';
    this.#count = count;
    return this.#segment;
  }

  /** A segment of its own with room for so many more. */
  #segmentFor(count: number): Segment {
    const { length } = this.#segment.chunks;
    if (this.#owner === 'attempt' || (length > 0 && length + count > segmentSize)) this.#begin(this.#count, []);
    return this.#segment;
  }

  #begin(start: number, chunks: Value[]): void {
    this.#segment = new Segment(this.#fields, start, this.#segment.foldTo(start), chunks);
    this.#owner = 'self';
  }
}
