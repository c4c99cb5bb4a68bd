import { isFinal } from '../../engine/rules/failure.ts';
import type { TaskKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';

const none: readonly never[] = [];

/** The recorded attempts of a task that have outcomes. */
export function endedAttempts(step: StepIndex | undefined, task: TaskKey | undefined): readonly AttemptIndex[] {
  return step === undefined || task === undefined ? none : step.ended(task);
}

/** After which of them everything was asked for again. */
export function freshAfter(attempts: readonly AttemptIndex[]): readonly number[] {
  if (!attempts.some(({ isFreshAfter }) => isFreshAfter)) return none;
  const fresh: number[] = [];
  for (let place = 0; place < attempts.length; place += 1)
    if (attempts[place]?.isFreshAfter === true) fresh.push(place + 1);
  return fresh;
}

/**
 * How many attempts of a recorded task had failed when its run failed and was resumed for the last time. What was observed
 * says so. Without that, more attempts than the policy of the node allows show that the run was resumed.
 */
export function failedBeforeResume(attempts: readonly AttemptIndex[], attemptsAllowed = 1): number {
  if (attempts.length < 2) return 0;
  let before = 0;
  for (const [place, { outcome, isResumedAfter }] of attempts.slice(0, -1).entries()) {
    const result = outcome?.result;
    if (result === undefined || result.status === 'done') break;
    const number = place + 1;
    if (isResumedAfter || number - before >= attemptsAllowed || isFinal(result.error)) before = number;
  }
  return before;
}
