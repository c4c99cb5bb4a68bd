// The delta that the chunks of an attempt come to, at each of them.
//   A1. Nothing is folded chunk by chunk before somebody asks; whoever asks at every chunk pays for each chunk once.
//   A2. Chunks that have gone by are kept as what they come to: memory is that of the delta, however many there were.
import { assert } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import { ChunkFold } from './chunk-fold.ts';
import type { StateDescription } from '../description.ts';

/** How many chunks are kept one by one. */
const segmentSize = 256;

type Fields = (StateDescription & { readonly kind: 'fields' })['fields'];

/** Chunks in a row, and what those before them come to. */
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

  /** What all chunks up to this one come to. Of fields that only user code can fold it is the last one. */
  deltaAt(ordinal: number): Value {
    return this.#fields === undefined ? this.chunks[ordinal - this.start] : this.foldTo(ordinal + 1).delta;
  }

  /** What the chunks come to before the one of this ordinal. */
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

  /** Gives the segment that it is in, which knows what the chunks up to it come to for as long as it is kept. */
  add(chunk: Value): Segment {
    if (this.#segment.chunks.length === segmentSize)
      this.#segment = new Segment(this.#fields, this.count, this.#segment.foldTo(this.count));
    this.#segment.chunks.push(chunk);
    return this.#segment;
  }

  /** What all of them come to. */
  get fold(): ChunkFold {
    return this.#segment.foldTo(this.count);
  }

  /** Whether chunks from this place on can be taken back: those before it are still here one by one. */
  canCut(ordinal: number): boolean {
    return ordinal >= this.#segment.start;
  }

  /** Chunks from this place on are void. */
  cut(ordinal: number): void {
    assert(this.canCut(ordinal), 'chunks that went by cannot be taken back');
    // Items that were given keep what they know of the chunks that were.
    const before = this.#segment;
    this.#segment = new Segment(this.#fields, before.start, before.foldTo(before.start));
    for (const chunk of before.chunks.slice(0, ordinal - before.start)) this.#segment.chunks.push(chunk);
  }
}
