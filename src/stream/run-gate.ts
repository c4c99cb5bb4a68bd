// Holds the nodes of a run back for one reader, and lets the reader go where it takes too long.
//   T1. Waiting for a reader takes nothing of a node's time, and ends: with a chunk taken, the reader's end, or the stall.
import type { Clock } from '../port/clock.ts';
import type { ReaderGate } from '../port/reader-gate.ts';

export class RunGate implements ReaderGate {
  readonly #clock: Clock;
  readonly #highWaterMark: number;
  readonly #stallMs: number;
  #ahead = 0;
  #isOff = false;
  #isStalled = false;
  #room: { readonly promise: Promise<void>; readonly open: () => void } | undefined;

  constructor(clock: Clock, highWaterMark: number, stallMs: number) {
    this.#clock = clock;
    this.#highWaterMark = highWaterMark;
    this.#stallMs = stallMs;
  }

  /** The reader took so long that it was let go. */
  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** How many chunks the nodes have given that the reader has not taken. */
  get ahead(): number {
    return this.#ahead;
  }

  gave(): void {
    this.#ahead += 1;
  }

  took(count = 1): void {
    this.#ahead -= count;
    this.#wake();
  }

  /** With half of the room at once: waking for each chunk would cost more than the chunk. */
  #wake(): void {
    if (this.#room !== undefined && this.#ahead <= this.#highWaterMark / 2) this.#room.open();
  }

  room(): Promise<void> | undefined {
    if (this.#isOff || this.#ahead < this.#highWaterMark) return undefined;
    if (this.#room === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = this.#clock.setTimer(this.#stallMs, () => {
        this.#isStalled = true;
        this.off();
      });
      const open = (): void => {
        cancel();
        this.#room = undefined;
        resolve();
      };
      this.#room = { promise, open };
    }
    return this.#room.promise;
  }

  /** The reader is gone: nobody waits for it any more. */
  off(): void {
    this.#isOff = true;
    this.#room?.open();
  }
}
