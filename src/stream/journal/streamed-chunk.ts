// A chunk as a reader is given it. Most readers look at the chunk alone, so its cursor, time and delta are made when they
// are asked for.
import type { Value } from '../../base/value.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { cursorText } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { ChunkRow } from './item-maker.ts';
import type { Position, StepStart } from './position.ts';
import type { ChunkItem } from '../stream-item.ts';

/** Chunks in a row, and where in the run they stand. */
export interface PositionedRow extends ChunkRow {
  readonly runId: string;
  /** The position of the first of them, and the step that it is in. */
  readonly position: Position;
  readonly start: StepStart;
  /** The cursor of all of them, where the store did not have them yet. */
  readonly unsettled: Cursor | undefined;
}

export class StreamedChunk implements ChunkItem {
  readonly kind = 'chunk';
  readonly key: AttemptKey;
  readonly node: string;
  readonly attempt: number;
  readonly ordinal: number;
  readonly chunk: Value;
  readonly #row: PositionedRow;

  /** `index`: which of the row it is. */
  constructor(row: PositionedRow, index: number) {
    this.key = row.key;
    this.node = row.node;
    this.attempt = row.attempt;
    this.ordinal = row.ordinal + index;
    this.chunk = row.deltas[index];
    this.#row = row;
  }

  get cursor(): string {
    const { runId, position, start, ordinal, unsettled } = this.#row;
    if (unsettled !== undefined) return cursorText(runId, unsettled);
    const item = position.item + this.ordinal - ordinal;
    return cursorText(runId, { position: { ...position, item }, start, unsettled: [] });
  }

  get time(): number {
    return this.#row.times[this.ordinal - this.#row.ordinal] ?? 0;
  }

  get delta(): Value {
    return this.#row.segment.deltaAt(this.ordinal);
  }

  /** Without the delta, which holds all chunks before this one again. */
  toJSON(): object {
    const { kind, cursor, key, node, attempt, time, ordinal, chunk } = this;
    return { kind, cursor, key, node, attempt, time, ordinal, chunk };
  }
}
