// What can be done with a stored run without its code. It sits above the rooms it joins.
import { cancelRun } from './engine/stored/cancel-run.ts';
import { foldRun } from './engine/stored/fold-run.ts';
import { claimOf } from './engine/host/owner.ts';
import { fullAddressText } from './journal/address.ts';
import { EffectHistory } from './journal/effect-history.ts';
import type { EffectType } from './journal/entry.ts';
import { openQuestions } from './journal/question.ts';
import type { Question } from './journal/question.ts';
import { RunFold } from './journal/fold/run-fold.ts';
import { liveClock } from './live/clock.ts';
import { liveEntropy } from './live/entropy.ts';
import type { Value } from './base/value.ts';
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

/** An effect of a run that began, and nobody knows whether it happened. */
export interface EffectInDoubt {
  /** What `resume(id, { decide })` calls it. */
  readonly address: string;
  readonly node: string;
  readonly type: EffectType;
  readonly name: string;
  readonly request: Value;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
}

/**
 * What is in doubt in a stored run: effects with an `onDoubt` policy other than `retry`, or marked `once`, whose process
 * died or whose attempt was stopped. While a process drives the run, they are those that are under way.
 *
 * @throws RepriseError `run-unknown`
 */
export async function effectsInDoubtOf(store: RunStore, runId: string): Promise<readonly EffectInDoubt[]> {
  const fold = new RunFold();
  await foldRun(store, runId, fold);
  return new EffectHistory(fold.openStep).doubts.map(({ at, node, ref, time }) =>
    Object.freeze({
      address: fullAddressText(at, ref),
      node,
      type: ref.type,
      name: ref.name,
      request: ref.request,
      beganAt: time,
    }),
  );
}
