import { isFinal } from '../engine/rules/failure.ts';
import type { AttemptResult } from '../journal/entry.ts';

/**
 * How many attempts of a recorded task had failed when its run failed and was resumed for the last time. A journal does
 * not say that a run was resumed, but resuming it is what allows more attempts than the policy of its node.
 */
export function failedBeforeResume(results: readonly AttemptResult[], attemptsAllowed = 1): number {
  let before = 0;
  for (const [place, result] of results.slice(0, -1).entries()) {
    const number = place + 1;
    if (result.status === 'done') break;
    if (number - before >= attemptsAllowed || isFinal(result.error)) before = number;
  }
  return before;
}
