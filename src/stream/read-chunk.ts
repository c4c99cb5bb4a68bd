// A chunk as a reader is given it. Most readers look at the chunk alone: its cursor and its delta are made when somebody
// asks.
import type { Value } from '../base/value.ts';
import type { Segment } from '../journal/fold/accumulator.ts';
import type { AttemptKey } from '../journal/key.ts';
import { cursorText } from './cursor.ts';
import type { Position, ReadPlace } from './cursor.ts';
import type { ChunkItem } from './stream-item.ts';

/** Chunks in a row, and where in the run they stand. */
export interface ReadRow {
  readonly runId: string;
  /** That of the first of them. */
  readonly position: Position;
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  /** The ordinal of the first of them. */
  readonly ordinal: number;
  readonly times: readonly number[];
  /** The store did not have them yet. */
  readonly unsettled: ReadPlace | undefined;
}

export class ReadChunk implements ChunkItem {
  readonly kind = 'chunk';
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  readonly ordinal: number;
  readonly chunk: Value;
  readonly #row: ReadRow;
  readonly #segment: Segment;

  constructor(row: ReadRow, ordinal: number, chunk: Value, segment: Segment) {
    this.key = row.key;
    this.node = row.node;
    this.attempt = row.attempt;
    this.ordinal = ordinal;
    this.chunk = chunk;
    this.#row = row;
    this.#segment = segment;
  }

  get cursor(): string {
    const { runId, position, ordinal, unsettled } = this.#row;
    if (unsettled !== undefined) return cursorText(runId, unsettled.position, unsettled.unsettled);
    return cursorText(runId, { ...position, item: position.item + this.ordinal - ordinal });
  }

  get time(): number {
    return this.#row.times[this.ordinal - this.#row.ordinal] ?? 0;
  }

  get delta(): Value {
    return this.#segment.deltaAt(this.ordinal);
  }

  /** Without the delta, which holds all chunks before this one again. */
  toJSON(): object {
    const { kind, cursor, key, node, attempt, time, ordinal, chunk } = this;
    return { kind, cursor, key, node, attempt, time, ordinal, chunk };
  }
}
