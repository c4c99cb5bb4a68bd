// Who claims the runs of a store in memory, by the name of the owner.
import type { Claim } from '../../port/store.ts';
import { holds, isTooFarAhead } from '../claims.ts';
import type { StoredClaim } from '../claims.ts';
import type { StoreTime } from '../store-time.ts';

export class MemoryClaims {
  readonly #now: StoreTime;
  readonly #claims = new Map<string, StoredClaim>();

  constructor(now: StoreTime) {
    this.#now = now;
  }

  claim({ owner, leaseMs }: Claim): void {
    this.#claims.set(owner, { expiresAt: this.#now() + leaseMs, leaseMs, doubtedAt: undefined });
  }

  /** Whether an owner claims its runs still. */
  isHeld(owner: string | undefined): boolean {
    return owner !== undefined && holds(this.#claims.get(owner), this.#now());
  }

  /** One whose clock was ahead keeps nothing for long. */
  doubt(owner: string): void {
    const now = this.#now();
    const claim = this.#claims.get(owner);
    if (claim !== undefined && claim.doubtedAt === undefined && isTooFarAhead(claim, now))
      this.#claims.set(owner, { ...claim, doubtedAt: now });
  }

  doubtAll(): void {
    for (const owner of this.#claims.keys()) this.doubt(owner);
  }
}
