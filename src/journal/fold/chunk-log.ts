import type { Value } from '../../base/value.ts';
import type { ChunkEntry } from '../entry.ts';

/** The chunks of one attempt, gathered from the groups in which they were written. */
export class ChunkLog {
  readonly deltas: Value[] = [];
  readonly times: number[] = [];

  /** A group that begins before the end replaces everything from its ordinal on. */
  add({ ordinal, deltas, observed }: ChunkEntry): void {
    this.truncate(ordinal);
    for (const delta of deltas) this.deltas.push(delta);
    for (const time of observed.times) this.times.push(time);
  }

  /** Drops everything after the first `count` chunks. */
  truncate(count: number): void {
    this.deltas.length = Math.min(count, this.deltas.length);
    this.times.length = Math.min(count, this.times.length);
  }
}
