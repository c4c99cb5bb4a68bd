import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Claim, RunStore } from '../../port/store.ts';

/**
 * Cancels a run through its store. A process that drives the run learns of it when it next appends; if none does, the run
 * ends here. Returns false if the run has ended already.
 *
 * @throws RepriseError `run-unknown`, `unstorable`, and what the store throws
 */
export async function cancelRun(store: RunStore, runId: string, reason: unknown, claim: Claim): Promise<boolean> {
  const given = canonicalValue(reason, 'the reason of a cancel');
  try {
    await store.requestCancel(runId, given);
    const lease = await store.take(runId, claim);
    const step = (await store.find(runId))?.step ?? 0;
    await store.append(lease, [
      { kind: 'end', at: '', step, end: { status: 'cancelled', reason: given }, observed: { time: claim.now } },
    ]);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof RepriseError)) throw thrown;
    if (thrown.code === 'run-ended') return false;
    if (thrown.code === 'run-owned') return true;
    throw thrown;
  }
}
