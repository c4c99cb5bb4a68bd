// The lease of this engine: one owner for all its runs, renewed in one write while any of them is driven.
//   O1. Safety never rests on the lease: every write is checked by its token. The lease only says when others may take
//       a run over.
//   O2. Each renewal leaves the lease with time to run. How long is left is reckoned here from before the store was asked, by
//       the clock of this process alone: the store reckons by its own. That is read at each renewal, since time limits are
//       reckoned by it.
//   O3. Nothing is performed for a run after the lease has run out, until the store has confirmed that the run is still
//       this owner's (run-journal.ts).
//   O4. The lease is of runs that are driven. A run whose write failed is released at once; until that has succeeded
//       the lease is not renewed, so that others can take the run over when it has expired.
import { assert } from '../../base/assert.ts';
import { leaseMsDefault } from '../options/engine-options.ts';
import type { Clock, EngineClock } from '../../port/clock.ts';
import type { CancelRequest, Claim, Lease, Release, RunStore, Sent, Watch } from '../../port/store.ts';
import type { OwnLease } from '../run/journal/own-lease.ts';
import { UnreleasedRuns } from './unreleased-runs.ts';

/** How often a lease is renewed while it lasts. */
const renewCount = 3;
/** How long a cancel request from another process may go unnoticed while the run writes nothing. */
const lookMsMax = 1_000;

/** A claim that holds for the default length of a lease. */
export function claimOf(owner: string, isGone?: Claim['isGone']): Claim {
  return { owner, leaseMs: leaseMsDefault, ...(isGone === undefined ? {} : { isGone }) };
}

/** A claim of this engine. */
export interface OwnClaim {
  readonly claim: Claim;
  /** By the clock of this process, before the store was asked: it holds there for at least `leaseMs` from then on. */
  readonly madeAt: number;
}

export interface OwnerSetup {
  readonly id: string;
  readonly clock: EngineClock;
  readonly store: RunStore;
  readonly leaseMs: number;
  readonly isGone: Claim['isGone'];
  /** Another process has requested to cancel one of this owner's runs. */
  readonly onCancel: (request: CancelRequest) => void;
  /** One of this owner's runs was sent a message: which one, if that is known. */
  readonly onMessage: (runId: string | undefined) => void;
}

export class Owner implements OwnLease {
  readonly #setup: OwnerSetup;
  readonly #clock: Clock;
  readonly #unreleased: UnreleasedRuns;
  readonly #releasing = new Set<Promise<void>>();
  /** Whether runs are driven. */
  #isKept = false;
  #stopTimer: (() => void) | undefined;
  /** For a store that tells what is sent to runs. What it does not tell is seen at the next look. */
  #watch: Watch | undefined;
  #renewedAt = 0;
  /** When the lease that the store holds runs out at the earliest. */
  #expiresAt = 0;
  /** How often it had run out when it was claimed again. */
  #lapses = 0;

  constructor(setup: OwnerSetup) {
    this.#setup = setup;
    this.#clock = setup.clock.own ?? setup.clock;
    this.#unreleased = new UnreleasedRuns(setup.store);
  }

  get id(): string {
    return this.#setup.id;
  }

  claim(): OwnClaim {
    const { id, store, isGone } = this.#setup;
    // A store in memory dies with its process, so nobody could take the run over.
    const leaseMs = store.isDurable ? this.#setup.leaseMs : Number.POSITIVE_INFINITY;
    assert(leaseMs > 0, 'O2: a lease ends after it was renewed');
    return { claim: { owner: id, leaseMs, ...(isGone === undefined ? {} : { isGone }) }, madeAt: this.#clock.now() };
  }

  get term(): number {
    return this.#hasRunOut ? this.#lapses + 1 : this.#lapses;
  }

  /** Starts renewing, unless it has already started. A run was just begun or taken with this claim. */
  keep(own: OwnClaim): void {
    if (!this.#setup.store.isDurable) return;
    this.#claimed(own);
    if (this.#isKept) return;
    this.#isKept = true;
    const { store, id } = this.#setup;
    this.#watch = store.watch?.({ owner: id }, (sent) => this.#told(sent));
    this.#stopLooking();
    this.#renewedAt = own.madeAt;
    this.#lookLater();
  }

  async renew(): Promise<void> {
    const { clock, store, onCancel } = this.#setup;
    const own = this.claim();
    // A store that tells no time now is read at the next renewal.
    const read = clock.read?.()?.catch(() => undefined);
    const requests = await store.renew(own.claim);
    if (read !== undefined) await read;
    this.#claimed(own);
    // Only a renewal counts: a claim on a run that another owner holds is not written.
    this.#renewedAt = own.madeAt;
    for (const request of requests) onCancel(request);
  }

  get #hasRunOut(): boolean {
    return this.#setup.store.isDurable && this.#clock.now() >= this.#expiresAt;
  }

  /** The store holds this claim now. What had run out until then may be in other hands, however short the gap. */
  #claimed({ claim, madeAt }: OwnClaim): void {
    if (this.#hasRunOut) this.#lapses += 1;
    this.#expiresAt = Math.max(this.#expiresAt, madeAt + claim.leaseMs);
  }

  /** No run is driven any more. */
  stop(): void {
    this.#isKept = false;
    this.#unwatch();
    if (this.#unreleased.isEmpty) this.#stopLooking();
  }

  /** Releases a run that is no longer driven, as interrupted by default. If the store fails, it is tried again at each look. */
  async letGo(lease: Lease, release?: Release): Promise<void> {
    const released = this.#unreleased.release(lease, release);
    this.#releasing.add(released);
    await released;
    this.#releasing.delete(released);
    if (!this.#unreleased.isEmpty && this.#stopTimer === undefined) this.#lookLater();
  }

  /** Stops for good. What could not be released until now is left to expire with the lease. */
  async close(): Promise<void> {
    await Promise.all(this.#releasing);
    this.#isKept = false;
    this.#unwatch();
    this.#stopLooking();
    await this.#unreleased.releaseAll();
  }

  #unwatch(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #told(sent: Sent | undefined): void {
    if (sent?.what !== 'cancel') this.#setup.onMessage(sent?.runId);
    if (sent?.what !== 'message') void this.#hearCancels();
  }

  async #hearCancels(): Promise<void> {
    const { id, store, onCancel } = this.#setup;
    try {
      for (const request of await store.cancelRequests(id)) onCancel(request);
    } catch {
      // The next look asks again.
    }
  }

  #stopLooking(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #lookLater(): void {
    const { leaseMs } = this.#setup;
    const afterMs = Math.min(lookMsMax, leaseMs / renewCount);
    const stopTimer = this.#clock.setTimer(afterMs, () => void this.#look(stopTimer), 'background');
    this.#stopTimer = stopTimer;
  }

  /** Renews if that is due, and learns of requests to cancel. A renewal that fails is tried again at the next look. */
  async #look(own: () => void): Promise<void> {
    const { id, store, leaseMs, onCancel } = this.#setup;
    try {
      const isFree = this.#unreleased.isEmpty || (await this.#releaseRest());
      if (isFree && this.#clock.now() - this.#renewedAt >= leaseMs / renewCount) await this.renew();
      else for (const request of await store.cancelRequests(id)) onCancel(request);
    } catch {
      // The next write of each run reports a store that fails.
    }
    // It may have been stopped and started again meanwhile.
    if (this.#stopTimer !== own) return;
    if (this.#isKept || !this.#unreleased.isEmpty) this.#lookLater();
    else this.#stopTimer = undefined;
  }

  /** Releases what this engine no longer drives, or ends it where a cancel came meanwhile. Returns whether all is free. */
  async #releaseRest(): Promise<boolean> {
    const { id, store, onCancel } = this.#setup;
    for (const request of await store.cancelRequests(id)) onCancel(request);
    await this.#unreleased.releaseAll();
    return this.#unreleased.isEmpty;
  }
}
