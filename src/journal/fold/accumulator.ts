// Folds the chunks of an attempt into its delta, which can be read at each chunk.
//   A1. Chunks are folded only on demand, and each of them once: reading the delta at every chunk costs no more.
//   A2. Older chunks are kept as their fold alone: memory grows with the delta and not with the number of chunks.
import { assert } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import { ChunkFold } from './chunk-fold.ts';
import type { StateDescription } from '../description.ts';

/** How many chunks are kept one by one, so that they can be truncated. */
const segmentSize = 256;

type Fields = (StateDescription & { readonly kind: 'fields' })['fields'];

/** Consecutive chunks, and the fold of all those before them. */
export class Segment {
  readonly start: number;
  readonly chunks: Value[] = [];
  readonly #fields: Fields | undefined;
  readonly #before: ChunkFold;
  #known: { readonly count: number; readonly fold: ChunkFold };

  constructor(fields: Fields | undefined, start: number, before: ChunkFold) {
    this.#fields = fields;
    this.start = start;
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
}

export class Accumulator {
  readonly #fields: Fields | undefined;
  #segment: Segment;

  constructor(state: StateDescription | undefined) {
    this.#fields = state?.kind === 'fields' ? state.fields : undefined;
    this.#segment = new Segment(this.#fields, 0, ChunkFold.empty);
  }

  get count(): number {
    return this.#segment.start + this.#segment.chunks.length;
  }

  /** Returns the chunk's segment, from which the delta at the chunk can be read later. */
  add(chunk: Value): Segment {
    if (this.#segment.chunks.length === segmentSize)
      this.#segment = new Segment(this.#fields, this.count, this.#segment.foldTo(this.count));
    this.#segment.chunks.push(chunk);
    return this.#segment;
  }

  /** The fold of all chunks. */
  get fold(): ChunkFold {
    return this.#segment.foldTo(this.count);
  }

  /** Whether the chunks from this place on can be dropped: those before it have to be kept one by one still. */
  canTruncate(ordinal: number): boolean {
    return ordinal >= this.#segment.start;
  }

  /** Drops the chunks from this place on. */
  truncate(ordinal: number): void {
    assert(this.canTruncate(ordinal), 'A2: chunks that are kept as their fold cannot be dropped');
    // Callers may still hold the old segment, so it stays as it is.
    const before = this.#segment;
    this.#segment = new Segment(this.#fields, before.start, before.foldTo(before.start));
    for (const chunk of before.chunks.slice(0, ordinal - before.start)) this.#segment.chunks.push(chunk);
  }
}
