// What the journal holds of the reads of one attempt, by segment, source and place.
//   R1. A read that begins at place 0 voids what was kept of its source in its segment: the attempt was restarted.
//   R2. Of a long row only the first and the last value are kept. The places between give the last one.
import type { Value } from '../../base/value.ts';
import type { AmbientEntry, AmbientRead } from '../entry.ts';

/** The reads of one source in one segment. */
interface ReadPlace {
  readonly segment: number;
  readonly source: string;
  readonly task?: string | undefined;
}

/** Where one value of a source was kept. */
export interface ReadAt {
  readonly segment: number;
  readonly place: number;
}

export class KeptReads {
  readonly #reads = new Map<string, AmbientRead[]>();
  readonly #lastSegments = new Map<string | undefined, number>();

  constructor(entries: readonly AmbientEntry[]) {
    for (const { observed } of entries)
      for (const read of observed.reads ?? []) {
        this.#lastSegments.set(read.task, Math.max(this.lastSegment(read.task), read.segment));
        const key = keyOf(read);
        const known = read.from === 0 ? undefined : this.#reads.get(key);
        if (known === undefined) this.#reads.set(key, [read]);
        else known.push(read);
      }
  }

  /** The last segment of a task in which something was read; -1 if nothing was. */
  lastSegment(task: string | undefined): number {
    return this.#lastSegments.get(task) ?? -1;
  }

  /** The last value of the nearest earlier segment, or else of the nearest later one. */
  nearest({ segment, source, task }: ReadPlace): Value {
    const end = this.lastSegment(task);
    for (let distance = 1; distance <= Math.max(segment, end - segment); distance += 1)
      for (const near of [segment - distance, segment + distance]) {
        const read = this.#reads.get(keyOf({ segment: near, source, task }))?.at(-1);
        if (read !== undefined) return read.values.at(-1);
      }
    return undefined;
  }

  /** The first value in a later segment than this one, after `given`. */
  later(reads: ReadPlace, given: ReadAt | undefined): (ReadAt & { readonly value: Value }) | undefined {
    const { task, source } = reads;
    const end = this.lastSegment(task);
    const from = given !== undefined && given.segment > reads.segment ? given.segment : reads.segment + 1;
    for (let segment = from; segment <= end; segment += 1) {
      const place = segment === given?.segment ? given.place + 1 : 0;
      const kept = this.at({ segment, source, task }, place);
      if (kept !== undefined) return { segment, place, value: kept.value };
    }
    return undefined;
  }

  /** Undefined if nothing was kept for this place. */
  at(reads: ReadPlace, place: number): { readonly value: Value } | undefined {
    const read = this.#reads.get(keyOf(reads))?.find(({ from, values }) => place < from + values.length);
    return read === undefined ? undefined : { value: read.values[Math.max(0, place - read.from)] };
  }
}

function keyOf({ segment, source, task }: ReadPlace): string {
  return task === undefined ? `${segment} ${source}` : `${segment} ${source} ${task}`;
}
