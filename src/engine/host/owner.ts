// The lease of this engine: one owner for all its runs, renewed in one write while any of them is under way.
//   O1. Safety never rests on it: every write is checked by its token. It says when others may take a run over.
import { leaseMsDefault } from '../options/engine-options.ts';
import type { Clock } from '../../port/clock.ts';
import type { CancelRequest, Claim, RunStore } from '../../port/store.ts';

/** A lease is renewed so often while it lasts. */
const renewCount = 3;
/** How long a request of another process to cancel a run may go unheard while the run writes nothing. */
const lookMsMax = 1_000;

/** A claim that is believed for as long as a lease lasts. */
export function claimOf(owner: string, now: number, isGone?: Claim['isGone']): Claim {
  return { owner, now, expiresAt: now + leaseMsDefault, ...(isGone === undefined ? {} : { isGone }) };
}

interface OwnerSetup {
  readonly clock: Clock;
  readonly store: RunStore;
  readonly leaseMs: number;
  readonly isGone: Claim['isGone'];
}

export class Owner {
  readonly id: string;
  readonly #clock: Clock;
  readonly #store: RunStore;
  readonly #leaseMs: number;
  readonly #isGone: Claim['isGone'];
  readonly #onCancel: (request: CancelRequest) => void;
  #stopTimer: (() => void) | undefined;
  #renewedAt = 0;

  constructor(id: string, { clock, store, leaseMs, isGone }: OwnerSetup, onCancel: (request: CancelRequest) => void) {
    this.id = id;
    this.#clock = clock;
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#isGone = isGone;
    this.#onCancel = onCancel;
  }

  claim(): Claim {
    const now = this.#clock.now();
    this.#renewedAt = now;
    // What lives in memory dies with its process: nobody else could take it over.
    const expiresAt = this.#store.isDurable ? now + this.#leaseMs : Number.MAX_SAFE_INTEGER;
    return { owner: this.id, now, expiresAt, ...(this.#isGone === undefined ? {} : { isGone: this.#isGone }) };
  }

  /** Begins to renew, if it does not yet. */
  keep(): void {
    if (!this.#store.isDurable || this.#stopTimer !== undefined) return;
    this.#stopTimer = this.#clock.setTimer(
      Math.min(lookMsMax, this.#leaseMs / renewCount),
      () => void this.#look(),
      'background',
    );
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  async #look(): Promise<void> {
    try {
      const isDue = this.#clock.now() - this.#renewedAt >= this.#leaseMs / renewCount;
      const requests = isDue ? await this.#store.renew(this.claim()) : await this.#store.cancelRequests(this.id);
      for (const request of requests) this.#onCancel(request);
    } catch {
      // A store that fails is told of by the next write of each run.
    }
    if (this.#stopTimer === undefined) return;
    this.#stopTimer = undefined;
    this.keep();
  }
}
