// What the journal holds of the reads of one attempt, by segment, source and place.
//   R1. A read that begins at place 0 voids what was kept of its source in its segment: the attempt was restarted.
//   R2. Of a long segment only the first and the last value are kept. The places between give the last one.
import type { Value } from '../../base/value.ts';
import type { AmbientEntry, AmbientRead } from '../entry.ts';

export class KeptReads {
  readonly #reads = new Map<string, AmbientRead[]>();
  /** The last segment that something was read in; -1 if nothing was. */
  readonly lastSegment: number;

  constructor(entries: readonly AmbientEntry[]) {
    let lastSegment = -1;
    for (const { observed } of entries)
      for (const read of observed.reads ?? []) {
        lastSegment = Math.max(lastSegment, read.segment);
        const key = readKey(read.segment, read.source, read.task);
        const known = read.from === 0 ? undefined : this.#reads.get(key);
        if (known === undefined) this.#reads.set(key, [read]);
        else known.push(read);
      }
    this.lastSegment = lastSegment;
  }

  /** Undefined if nothing was kept for this place. */
  at(segment: number, source: string, place: number, task?: string): { readonly value: Value } | undefined {
    const reads = this.#reads.get(readKey(segment, source, task));
    const read = reads?.find(({ from, values }) => place < from + values.length);
    return read === undefined ? undefined : { value: read.values[Math.max(0, place - read.from)] };
  }
}

function readKey(segment: number, source: string, task: string | undefined): string {
  return task === undefined ? `${segment} ${source}` : `${segment} ${source} ${task}`;
}
