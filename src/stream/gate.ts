// Holds the nodes of a run back for one reader, and lets that reader go when it takes too long.
//   T1. Waiting for a reader takes nothing of a node's time, and it ends: with a chunk taken, the reader's end or a stall.
import type { Clock } from '../port/clock.ts';
import type { ReaderGate } from '../port/reader-gate.ts';

/** open ⇄ full → off: a gate that is off stays off, and nobody waits at it. */
type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'full'; readonly room: Promise<void>; readonly reopen: () => void }
  | { readonly kind: 'off'; readonly isStalled: boolean };

export interface GateSetup {
  readonly clock: Clock;
  /** How many chunks the nodes may be ahead of the reader. */
  readonly highWaterMark: number;
  /** How long the nodes wait at a full gate before the reader is let go. */
  readonly stallMs: number;
}

export class Gate implements ReaderGate {
  readonly #setup: GateSetup;
  #state: State = { kind: 'open' };
  #ahead = 0;

  constructor(setup: GateSetup) {
    this.#setup = setup;
  }

  /** The reader took so long that it was let go. */
  get isStalled(): boolean {
    return this.#state.kind === 'off' && this.#state.isStalled;
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
    // Only when half of the room is free: waking the nodes for every chunk would cost more than the chunk.
    if (this.#state.kind === 'full' && this.#ahead <= this.#setup.highWaterMark / 2) this.#reopen({ kind: 'open' });
  }

  room(): Promise<void> | undefined {
    if (this.#state.kind === 'off' || this.#ahead < this.#setup.highWaterMark) return undefined;
    return this.#state.kind === 'full' ? this.#state.room : this.#fill();
  }

  /** The reader is gone: nobody waits for it any more. */
  off(): void {
    if (this.#state.kind !== 'off') this.#reopen({ kind: 'off', isStalled: false });
  }

  #fill(): Promise<void> {
    const { clock, stallMs } = this.#setup;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.setTimer(stallMs, () => this.#reopen({ kind: 'off', isStalled: true }));
    const reopen = (): void => {
      cancel();
      resolve();
    };
    this.#state = { kind: 'full', room: promise, reopen };
    return promise;
  }

  #reopen(next: State): void {
    if (this.#state.kind === 'full') this.#state.reopen();
    this.#state = next;
  }
}
