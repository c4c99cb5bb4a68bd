import { isFinal } from '../engine/rules/failure.ts';
import type { AttemptIndex } from '../journal/step-index.ts';

/**
 * How many attempts of a recorded task had failed when its run failed and was resumed for the last time. What was observed
 * says so. Without that, more attempts than the policy of the node allows show that the run was resumed.
 */
export function failedBeforeResume(attempts: readonly AttemptIndex[], attemptsAllowed = 1): number {
  let before = 0;
  for (const [place, { outcome, isResumedAfter }] of attempts.slice(0, -1).entries()) {
    const result = outcome?.result;
    if (result === undefined || result.status === 'done') break;
    const number = place + 1;
    if (isResumedAfter || number - before >= attemptsAllowed || isFinal(result.error)) before = number;
  }
  return before;
}
