// Whether a failed task gets a further attempt, and how long it waits before that.
import { drawStream } from '../../base/draw.ts';
import type { Value } from '../../base/value.ts';
import type { NodePolicy, RetryPolicy } from '../../graph/spec.ts';
import type { TaskKey } from '../../journal/key.ts';
import { isFinal } from './failure.ts';

export interface FailedAttempt {
  /** Counted from 1. */
  readonly number: number;
  readonly error: Value;
  /** How many attempts had failed when the run failed, if it was resumed since. */
  readonly failedBefore: number;
}

/** Whether the task is tried again. */
export function mayRetry({ retry, onError }: NodePolicy, { number, error, failedBefore }: FailedAttempt): boolean {
  // Resuming a failed run retries what failed, whatever its policy. A failure that was handled did not fail the run.
  const before = onError === undefined ? failedBefore : 0;
  if (number <= before) return true;
  if (retry === undefined || number - before >= retry.attempts || isFinal(error)) return false;
  try {
    return retry.when === undefined || retry.when(error) === true;
  } catch {
    // A predicate that throws has not said yes.
    return false;
  }
}

/** How long to wait after an attempt of this number, in milliseconds. The jitter is drawn from the run's seed. */
export function retryDelayMs(retry: RetryPolicy, number: number, seed: string, task: TaskKey): number {
  const { delayMs = 0, backoff = 2, maxDelayMs = 30_000, jitter = 0 } = retry;
  const full = Math.min(delayMs * backoff ** (number - 1), maxDelayMs);
  if (jitter === 0 || full === 0) return full;
  const draw = drawStream(seed, `${task}#${number}:retry-jitter`).next();
  return Math.round(full * (1 - jitter * draw));
}
