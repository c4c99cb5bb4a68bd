// Whether a claim still holds, the same in every store.
import type { Claim, Lease, RunStatus } from '../port/store.ts';

/** A claim as a store keeps it. Times are in milliseconds since 1970. */
export interface StoredClaim {
  readonly expiresAt: number;
  /** How long it held when it was made. */
  readonly leaseMs: number;
  /** When it was first seen to end too far ahead, since it was last renewed. */
  readonly doubtedAt: number | undefined;
}

/** It ends so far ahead that the clock was set back since it was made. */
export function isTooFarAhead({ expiresAt, leaseMs }: StoredClaim, now: number): boolean {
  return expiresAt - now > 2 * leaseMs;
}

export function holds(claim: StoredClaim | undefined, now: number): boolean {
  if (claim === undefined || claim.expiresAt <= now) return false;
  const { doubtedAt, leaseMs } = claim;
  return doubtedAt === undefined || !isTooFarAhead(claim, now) || now - doubtedAt < leaseMs;
}

interface OwnedRun {
  readonly status: RunStatus;
  readonly owner: string | undefined;
  readonly takeovers: number;
}

/** What a lease says of the owner that the run is taken from. */
export function takenFrom(run: OwnedRun, claim: Claim | undefined): Pick<Lease, 'takeovers' | 'isFromLiving'> {
  const { status, owner } = run;
  const isLost = status === 'running' && owner !== undefined && claim !== undefined && owner !== claim.owner;
  const isFromLiving = isLost && claim.isGone?.(owner) === false;
  return { takeovers: takeoversAfter(run, claim), ...(isFromLiving ? { isFromLiving } : {}) };
}

/**
 * How often in a row a run is now taken from an owner that did not release it (`Lease.takeovers`). One that is known to
 * live has only been too slow to renew its claim.
 */
function takeoversAfter(run: OwnedRun, claim: Claim | undefined): number {
  if (run.status === 'failed') return 0;
  const { status, owner, takeovers } = run;
  if (status !== 'running' || owner === undefined || claim === undefined || owner === claim.owner) return takeovers;
  return claim.isGone?.(owner) === false ? takeovers : takeovers + 1;
}
