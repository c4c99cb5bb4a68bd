// Chunks on their way to the journal, gathered in groups: one write for what came while the last one was being made.
//   H1. The first chunk after a quiet time is written at once; a node that yields faster than that fills groups.
//   H2. A group is of one attempt, and in the order of its chunks.
import type { Value } from '../../base/value.ts';
import { adopt, holdsBytes } from '../../base/value.ts';
import type { ChunkEntry } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';

/** A reader takes a group apart again, and holds it until it has. */
export const groupCountMax = 128;
/** Groups are written together when there are so many chunks, however busy the event loop is. */
const pendingCountMax = 1_024;
const quietMs = 1;

interface Group {
  readonly at: AttemptKey;
  readonly node: string;
  readonly ordinal: number;
  readonly deltas: Value[];
  readonly times: number[];
}

export class ChunkBuffer {
  readonly #clock: Clock;
  readonly #add: (entry: ChunkEntry) => void;
  readonly #flush: () => void;
  #groups: Group[] = [];
  /** The last group of each attempt. */
  #open = new Map<string, Group>();
  #count = 0;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #isScheduled = false;

  constructor(clock: Clock, add: (entry: ChunkEntry) => void, flush: () => void) {
    this.#clock = clock;
    this.#add = add;
    this.#flush = flush;
  }

  add(at: AttemptKey, node: string, ordinal: number, delta: Value): void {
    const now = this.#clock.now();
    let group = this.#open.get(at);
    if (
      group === undefined ||
      group.deltas.length >= groupCountMax ||
      group.ordinal + group.deltas.length !== ordinal
    ) {
      group = { at, node, ordinal, deltas: [], times: [] };
      this.#groups.push(group);
      this.#open.set(at, group);
    }
    group.deltas.push(delta);
    group.times.push(now);
    this.#count += 1;
    if (this.#count >= pendingCountMax) this.#write();
    else this.#schedule(now);
  }

  /** All chunks of an attempt from this place on are void. */
  truncate(at: AttemptKey, node: string, ordinal: number): void {
    this.#groups.push({ at, node, ordinal, deltas: [], times: [this.#clock.now()] });
    this.#open.delete(at);
    this.#count += 1;
  }

  /** Hands everything over to be written. */
  drain(): void {
    if (this.#count === 0) return;
    const groups = this.#groups;
    this.#groups = [];
    this.#open = new Map();
    this.#count = 0;
    for (const { at, node, ordinal, deltas, times } of groups)
      this.#add({
        kind: 'chunk',
        at,
        node,
        ordinal,
        deltas: adopt(deltas, deltas.some(holdsBytes)),
        observed: { times },
      });
  }

  /** Somebody waits for what is here. */
  hurry(): void {
    if (this.#count > 0) this.#write();
  }

  #schedule(now: number): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const write = (): void => {
      this.#isScheduled = false;
      this.#write();
    };
    if (now - this.#flushedAt > quietMs) queueMicrotask(write);
    else this.#clock.setTimer(0, write);
  }

  /** Also what was handed over meanwhile, which nobody else may have reason to write for long. */
  #write(): void {
    this.#flushedAt = this.#clock.now();
    this.#flush();
  }
}
