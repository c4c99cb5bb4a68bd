// What can be done with a stored run without its code. It sits above the rooms it joins.
import { cancelRun } from './engine/stored/cancel-run.ts';
import { foldRun } from './engine/stored/fold-run.ts';
import { claimOf } from './engine/host/owner.ts';
import { openQuestions } from './journal/question.ts';
import type { Question } from './journal/question.ts';
import { RunFold } from './journal/fold/run-fold.ts';
import { liveClock } from './live/clock.ts';
import { liveEntropy } from './live/entropy.ts';
import type { RunStore } from './port/store.ts';

/**
 * Cancels a run of a store, whichever process drives it. That process learns of it within a second; if none drives the
 * run, it ends here. Resolves to whether there was anything left to cancel.
 *
 * @throws RepriseError `run-unknown`, `unstorable` for a reason that cannot be kept, and what the store throws
 */
export function cancelStoredRun(store: RunStore, runId: string, reason?: unknown): Promise<boolean> {
  return cancelRun(store, runId, reason, claimOf(liveEntropy.owner?.() ?? '', liveClock.now(), liveEntropy.isGone));
}

/** The open questions of a stored run. @throws RepriseError `run-unknown` */
export async function openQuestionsOf(store: RunStore, runId: string): Promise<readonly Question[]> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  return openQuestions(fold.openStep);
}
