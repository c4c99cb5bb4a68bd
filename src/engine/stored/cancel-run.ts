import type { TimeOf } from '../../port/clock.ts';
import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { hasToCleanUp } from '../../journal/step/stops.ts';
import type { Claim, Lease, RunStore } from '../../port/store.ts';
import { foldRun } from './fold-run.ts';
import { ResumeFold } from './resume/resume-fold.ts';

/** What a cancel came to. `asked for`: a process that drives the run, or the next one that can, learns of it. */
export type Cancelled = 'ended' | 'asked for' | 'left to clean up' | 'had ended';

export interface CancelOfRun {
  readonly runId: string;
  readonly reason: unknown;
  readonly claim: Claim;
  /** When it ends, if it ends here. */
  readonly now: TimeOf;
  /** Releases it, if it does not. */
  readonly letGo: (lease: Lease) => Promise<void>;
}

/**
 * Cancels a run through its store. A process that drives the run learns of it when it next appends; if none does, the run
 * ends here, unless an attempt of it has, or may have, something to clean up: then it ends with the next process that drives
 * it. The reason is that of the first cancel.
 *
 * @throws RepriseError `run-unknown`, `unstorable`, and what the store throws
 */
export async function cancelRun(store: RunStore, of: CancelOfRun): Promise<Cancelled> {
  const { runId, reason, claim } = of;
  const given = canonicalValue(reason, 'the reason of a cancel');
  try {
    await store.requestCancel(runId, given);
  } catch (thrown) {
    if (hasEnded(thrown)) return 'had ended';
    throw thrown;
  }
  try {
    const lease = await store.take(runId, claim);
    return await cancelTaken(store, lease, { given, of });
  } catch (thrown) {
    // The request was in time. Whether the run ended because of it, or had only its last entry to write, says its status.
    if (hasEnded(thrown)) return (await store.find(runId))?.status === 'cancelled' ? 'ended' : 'had ended';
    // Another process has the run, or took it in this moment: it is told.
    if (thrown instanceof RepriseError && (thrown.code === 'run-owned' || thrown.code === 'lease-lost'))
      return 'asked for';
    throw thrown;
  }
}

/** Nobody else gets the run meanwhile, so whatever happens it is let go of. */
async function cancelTaken(
  store: RunStore,
  lease: Lease,
  { given, of: { runId, claim, now, letGo } }: { readonly given: Value; readonly of: CancelOfRun },
): Promise<Cancelled> {
  try {
    const fold = new ResumeFold();
    await foldRun(store, runId, fold);
    if (hasToCleanUp(fold.openStep)) {
      await letGo(lease);
      return 'left to clean up';
    }
    const step = (await store.find(runId))?.step ?? 0;
    // Somebody may have asked for it before.
    const first = (await store.cancelRequests(claim.owner)).find((request) => request.runId === runId);
    const end = { status: 'cancelled', reason: first === undefined ? given : first.reason } as const;
    await store.append(lease, [{ kind: 'end', at: '', step, end, observed: { time: await now() } }]);
  } catch (thrown) {
    await letGo(lease);
    // Only processes of that release know what the run has to clean up.
    if (thrown instanceof RepriseError && thrown.code === 'store-version-unknown') return 'asked for';
    throw thrown;
  }
  // Workers that still have tasks of it notice at their next write.
  await store.errands?.drop(runId);
  return 'ended';
}

function hasEnded(thrown: unknown): boolean {
  return thrown instanceof RepriseError && thrown.code === 'run-ended';
}
