// Runs that this engine has stopped driving, but that still name it as their owner because the store failed.
//   U1. A run is released once. What the store refuses for good, such as a lease that is lost, counts as released.
import type { Lease, Release, RunStore } from '../../port/store.ts';
import { mayPass } from '../rules/passing-error.ts';

export class UnreleasedRuns {
  readonly #store: RunStore;
  /** How each is to be released. */
  readonly #leases = new Map<Lease, Release | undefined>();

  constructor(store: RunStore) {
    this.#store = store;
  }

  get isEmpty(): boolean {
    return this.#leases.size === 0;
  }

  /** Releases a run. If the store fails, it stays here for `releaseAll`. */
  async release(lease: Lease, release?: Release): Promise<void> {
    this.#leases.set(lease, release);
    try {
      await this.#store.release(lease, release);
      this.#leases.delete(lease);
    } catch (thrown) {
      // Otherwise it has another owner by now, has ended, or can never be written again.
      if (!mayPass(thrown)) this.#leases.delete(lease);
    }
  }

  async releaseAll(): Promise<void> {
    for (const [lease, release] of [...this.#leases]) await this.release(lease, release);
  }
}
