// The runs that are due for a worker of this engine: taken already, where the store can list and take them in one step.
import { RepriseError } from '../../../base/error.ts';
import type { CancelRequest, ClaimedRun, Release, RunStore } from '../../../port/store.ts';
import type { DrivenGraph } from '../../../port/workers.ts';
import { mayPass } from '../../rules/passing-error.ts';
import type { OwnClaim, Owner } from '../owner.ts';

export interface FoundDue {
  readonly runId: string;
  /** It is this owner's already. */
  readonly claimed?: OwnDue;
  /** How many entries it had when it was given back since it cannot be resumed here. */
  readonly refusedAt?: () => number | undefined;
}

/** A run that was due, and is this owner's by that claim. */
export interface OwnDue extends ClaimedRun {
  readonly claim: OwnClaim;
  /** What is to be cancelled of this owner's runs, asked once for all that were claimed together. */
  readonly cancels: () => Promise<readonly CancelRequest[]>;
  /** It was given back as it was: it cannot be resumed here. */
  isRefused: boolean;
}

export interface DueSetup {
  readonly store: RunStore;
  readonly owner: Owner;
  readonly graph: DrivenGraph;
  readonly limit: number;
  readonly maxRunsPerTenant?: number | undefined;
  /** Runs that are left alone: what has failed here before, and what this engine is busy with. */
  readonly skip: readonly string[];
}

export async function dueRuns({
  store,
  owner,
  graph,
  limit,
  maxRunsPerTenant,
  skip,
}: DueSetup): Promise<readonly FoundDue[]> {
  const own = owner.claim();
  const { claim } = own;
  if (store.claimDue !== undefined) {
    const perTenant = maxRunsPerTenant === undefined ? {} : { maxRunsPerTenant };
    const claimed = await store.claimDue({
      graphs: [{ name: graph.name, fingerprint: graph.fingerprint }],
      claim,
      limit,
      skip,
      ...perTenant,
    });
    if (claimed.length > 0) owner.keep(own);
    let asked: Promise<readonly CancelRequest[]> | undefined;
    const ask = async (): Promise<readonly CancelRequest[]> => store.cancelRequests(owner.id);
    const cancels = (): Promise<readonly CancelRequest[]> => (asked ??= ask());
    return claimed.map((run) => foundOf({ ...run, claim: own, cancels, isRefused: false }));
  }
  return listed(await store.due(graph.name, limit + skip.length, claim.isGone), limit, skip);
}

function foundOf(claimed: OwnDue): FoundDue {
  const { runId, entryCount } = claimed.was;
  return { runId, claimed, refusedAt: () => (claimed.isRefused ? entryCount : undefined) };
}

function listed(
  found: readonly { readonly runId: string }[],
  limit: number,
  skip: readonly string[],
): readonly FoundDue[] {
  return found
    .filter(({ runId }) => !skip.includes(runId))
    .slice(0, limit)
    .map(({ runId }) => ({ runId }));
}

/**
 * A run that could not be resumed is given back as it was, so that it is due for others; and for none with this graph where
 * that is why. Otherwise it is said that this worker leaves it alone, unless what failed may pass.
 */
export async function orGivenBack<Result>(
  { owner, fingerprint }: { readonly owner: Owner; readonly fingerprint: string },
  claimed: OwnDue | undefined,
  resume: () => Promise<Result>,
): Promise<Result> {
  try {
    return await resume();
  } catch (thrown) {
    if (claimed !== undefined) {
      claimed.isRefused = thrown instanceof RepriseError && thrown.code === 'run-not-resumable';
      const leftAlone = mayPass(thrown) ? {} : { leftAloneBy: owner.id };
      await owner.letGo(claimed.lease, {
        ...releaseOf(claimed),
        ...(claimed.isRefused ? { refusedBy: fingerprint } : leftAlone),
      });
    }
    throw thrown;
  }
}

/** It is as it was, and due for others. */
export function givenBack(owner: Owner, claimed: OwnDue): Promise<void> {
  return owner.letGo(claimed.lease, releaseOf(claimed));
}

function releaseOf({ was: { status, wakeAt = 0 } }: OwnDue): Release {
  return status === 'queued' || status === 'paused' ? { status, wakeAt } : { status: 'interrupted' };
}
