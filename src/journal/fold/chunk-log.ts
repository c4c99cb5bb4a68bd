import type { Value } from '../../base/value.ts';
import type { ChunkEntry } from '../entry.ts';

/** The chunks of one attempt, gathered from the groups in which they were written. */
export class ChunkLog {
  readonly deltas: Value[] = [];
  readonly times: number[] = [];

  /** A group that begins before the end makes what was there from its place on void. */
  add({ ordinal, deltas, observed }: ChunkEntry): void {
    this.cut(ordinal);
    for (const delta of deltas) this.deltas.push(delta);
    for (const time of observed.times) this.times.push(time);
  }

  /** From this place on there is nothing any more. */
  cut(count: number): void {
    this.deltas.length = Math.min(count, this.deltas.length);
    this.times.length = Math.min(count, this.times.length);
  }
}
