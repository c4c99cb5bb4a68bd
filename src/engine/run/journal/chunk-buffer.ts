// Chunks on their way to the journal, gathered in groups: one write for what came while the last one was being made.
//   H1. The first chunk after a quiet time is written at once; a node that yields faster than that fills groups. With a window
//       a chunk waits for so long at most: where each write is a round trip, groups are worth more than milliseconds.
//   H2. A group is of one attempt, in the order of its chunks and without a gap.
import { adopt, holdsBytes } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { ChunkEntry } from '../../../journal/entry.ts';
import type { Segment } from '../../../journal/fold/accumulator.ts';
import type { AttemptKey } from '../../../journal/key.ts';
import type { Clock } from '../../../port/clock.ts';
import type { RunPace } from '../run-pace.ts';

/** A reader takes a group apart again, and holds all of it until then. */
export const groupCountMax = 128;
/** Groups are written together once they hold so many chunks, however busy the event loop is. */
const pendingCountMax = 1_024;
const quietMs = 1;
/** How many of the last groups keep their segment for readers: more than one write holds. */
const sharedCountMax = 16;

interface Group {
  readonly at: AttemptKey;
  readonly node: string;
  readonly ordinal: number;
  readonly deltas: Value[];
  readonly times: number[];
  /** In which the attempt folds them. */
  readonly segment: Segment | undefined;
}

export class ChunkBuffer {
  readonly #clock: Clock;
  readonly #pace: RunPace;
  readonly #add: (entry: ChunkEntry) => void;
  readonly #flush: () => void;
  readonly #windowMs: number;
  #groups: Group[] = [];
  /** The last group of each attempt. */
  readonly #open = new Map<string, Group>();
  #count = 0;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #isScheduled = false;
  /** Of the last groups, by their chunks. */
  readonly #segments = new Map<readonly Value[], Segment>();

  constructor(clock: Clock, pace: RunPace, add: (entry: ChunkEntry) => void, flush: () => void, windowMs = 0) {
    this.#clock = clock;
    this.#pace = pace;
    this.#add = add;
    this.#flush = flush;
    this.#windowMs = windowMs;
  }

  /** `segment`: in which the attempt folds the chunk. Readers take it over. */
  add(at: AttemptKey, node: string, ordinal: number, delta: Value, segment?: Segment): void {
    const now = this.#clock.now();
    let group = this.#open.get(at);
    if (group === undefined || !continues(group, ordinal, segment)) {
      group = { at, node, ordinal, deltas: [], times: [], segment };
      this.#groups.push(group);
      this.#open.set(at, group);
    }
    group.deltas.push(delta);
    group.times.push(now);
    this.#count += 1;
    if (this.#count >= pendingCountMax) this.#write();
    else if (!this.#isScheduled) this.#schedule(now, this.#windowMs);
  }

  /** All chunks of an attempt from this ordinal on are void. */
  truncate(at: AttemptKey, node: string, ordinal: number): void {
    this.#groups.push({ at, node, ordinal, deltas: [], times: [this.#clock.now()], segment: undefined });
    this.#open.delete(at);
    this.#count += 1;
  }

  /** Hands everything over to be written. */
  drain(): void {
    if (this.#count === 0) return;
    const groups = this.#groups;
    this.#groups = [];
    this.#open.clear();
    this.#count = 0;
    for (const group of groups) this.#add(this.#entryOf(group));
  }

  /** Readers wait for something else that was added to the journal: it is written as soon as a chunk would be. */
  showSoon(): void {
    if (!this.#isScheduled) this.#schedule(this.#clock.now(), 0);
  }

  /** Somebody waits for what is here. */
  hurry(): void {
    if (this.#count > 0) this.#write();
  }

  /** The segment in which the attempt folds these chunks, if their group was written not long ago. */
  segmentOf(deltas: readonly Value[]): Segment | undefined {
    return this.#segments.get(deltas);
  }

  #entryOf({ at, node, ordinal, deltas, times, segment }: Group): ChunkEntry {
    adopt(deltas, deltas.some(holdsBytes));
    if (segment !== undefined) this.#share(deltas, segment);
    return { kind: 'chunk', at, node, ordinal, deltas, observed: { times } };
  }

  #share(deltas: readonly Value[], segment: Segment): void {
    this.#segments.set(deltas, segment);
    if (this.#segments.size <= sharedCountMax) return;
    for (const oldest of this.#segments.keys()) {
      this.#segments.delete(oldest);
      return;
    }
  }

  #schedule(now: number, windowMs: number): void {
    this.#isScheduled = true;
    const write = (): void => {
      this.#isScheduled = false;
      this.#write();
    };
    if (this.#pace.isTurnOver()) this.#pace.inLaterTurn(write);
    else if (windowMs > 0) this.#clock.setTimer(windowMs, write);
    else if (now - this.#flushedAt > quietMs) queueMicrotask(write);
    else this.#clock.setTimer(0, write);
  }

  /** Writes even if nothing is left here: what was handed over meanwhile might otherwise wait for long. */
  #write(): void {
    this.#flushedAt = this.#clock.now();
    this.#flush();
  }
}

function continues(group: Group, ordinal: number, segment: Segment | undefined): boolean {
  const { length } = group.deltas;
  return length < groupCountMax && group.ordinal + length === ordinal && group.segment === segment;
}
