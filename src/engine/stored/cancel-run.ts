import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import { hasToCleanUp } from '../../journal/stops.ts';
import type { Claim, RunStore } from '../../port/store.ts';
import { foldRun } from './fold-run.ts';
import { ResumeFold } from './resume-fold.ts';

/**
 * Cancels a run through its store. A process that drives the run learns of it when it next appends; if none does, the run
 * ends here, unless it has still to clean up: then it ends with the next process that drives it. Returns false if the run
 * has ended already.
 *
 * @throws RepriseError `run-unknown`, `unstorable`, and what the store throws
 */
export async function cancelRun(store: RunStore, runId: string, reason: unknown, claim: Claim): Promise<boolean> {
  const given = canonicalValue(reason, 'the reason of a cancel');
  try {
    await store.requestCancel(runId, given);
    const lease = await store.take(runId, claim);
    const fold = new ResumeFold();
    await foldRun(store, runId, fold);
    if (hasToCleanUp(fold.openStep)) await store.release(lease);
    else {
      const step = (await store.find(runId))?.step ?? 0;
      const end = { status: 'cancelled', reason: given } as const;
      await store.append(lease, [{ kind: 'end', at: '', step, end, observed: { time: claim.now } }]);
    }
    return true;
  } catch (thrown) {
    if (!(thrown instanceof RepriseError)) throw thrown;
    if (thrown.code === 'run-ended') return false;
    if (thrown.code === 'run-owned') return true;
    throw thrown;
  }
}
