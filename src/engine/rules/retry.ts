// Whether a failed task gets a further attempt, and how long it waits before that.
import { drawStream } from '../../base/draw.ts';
import type { Value } from '../../base/value.ts';
import type { NodePolicy, RetryPolicy } from '../../graph/spec.ts';
import { attemptNumber } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { isFinal } from './failure.ts';

export interface FailedAttempt {
  /** Counted from 1. */
  readonly number: number;
  readonly error: Value;
  /** How many attempts had failed when the run failed, if it was resumed since. */
  readonly failedBefore: number;
  /** It, or one before it, ended because an effect was in doubt: nobody handles that, so it failed the run. */
  readonly wasInDoubt?: boolean;
}

/** Whether the task is tried again. */
export function mayRetry(policy: NodePolicy, failed: FailedAttempt): boolean {
  const { number, error } = failed;
  const { retry } = policy;
  const before = beforeResume(policy, failed);
  if (number <= before) return true;
  return retry !== undefined && number - before < retry.attempts && isWorthAnotherTry(retry, error);
}

/** Resuming a failed run retries what failed, whatever its policy. A failure that was handled did not fail the run. */
function beforeResume(
  { onError }: NodePolicy,
  { failedBefore, wasInDoubt = false }: Pick<FailedAttempt, 'failedBefore' | 'wasInDoubt'>,
): number {
  return onError === undefined || wasInDoubt ? failedBefore : 0;
}

/** Whether an attempt may be followed by another one of its task, or of one around it, in this process. */
export function mayBeRepeated({ retry }: NodePolicy, at: AttemptKey, failedBefore = 0): boolean {
  return retry !== undefined || at.includes('/') || (failedBefore > 0 && failedBefore >= attemptNumber(at));
}

/** Whether the policy wants to try again after this error, if tries are left. */
export function isWorthAnotherTry({ when }: RetryPolicy, error: Value): boolean {
  if (isFinal(error)) return false;
  try {
    return when === undefined || when(error) === true;
  } catch {
    // A predicate that throws has not said yes.
    return false;
  }
}

/** How long an error says to wait. */
export type RetryAfter =
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Until then, in milliseconds since 1970. `text`: as the error says it. */
  | { readonly kind: 'time'; readonly time: number; readonly text: string };

/**
 * Reads `retryAfter` of an error: a number of milliseconds, or a text as HTTP has it, which is a whole number of seconds
 * or a date. `maxDelayMs` of the policy limits a delay.
 */
export function retryAfter(
  error: Value,
  { maxDelayMs = Number.POSITIVE_INFINITY }: RetryPolicy,
): RetryAfter | undefined {
  const given: unknown = error instanceof Error ? (error as { readonly retryAfter?: unknown }).retryAfter : undefined;
  if (typeof given === 'number' && given >= 0 && Number.isFinite(given))
    return { kind: 'delay', delayMs: Math.min(given, maxDelayMs) };
  if (typeof given !== 'string') return undefined;
  if (/^\d{1,12}$/.test(given)) return { kind: 'delay', delayMs: Math.min(Number(given) * 1_000, maxDelayMs) };
  const time = httpDate.test(given) ? Date.parse(given) : Number.NaN;
  return Number.isNaN(time) ? undefined : { kind: 'time', time, text: given };
}

/** A date that no machine reads in its own time zone. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** How long to wait at this time, in milliseconds. */
export function waitMs(after: RetryAfter, now: number, { maxDelayMs = Number.POSITIVE_INFINITY }: RetryPolicy): number {
  return after.kind === 'delay' ? after.delayMs : Math.min(Math.max(0, after.time - now), maxDelayMs);
}

export interface FailedTask extends FailedAttempt {
  /** What is tried again. */
  readonly place: string;
}

/** What a journal says of the attempts of a task. */
export interface KnownTries {
  readonly knownAttempts?: number | undefined;
  /** When the last of them failed, if its wait is not over. */
  readonly waitsSince?: number | undefined;
}

/**
 * How long a task still waits after a failed attempt, in milliseconds. It waits once: what was recorded has waited, a resumed run
 * perhaps for a part of the time.
 */
export function waitLeftMs(
  policy: NodePolicy,
  seed: string,
  failed: FailedTask,
  { knownAttempts = 0, waitsSince }: KnownTries,
  now: number,
): number {
  const { number } = failed;
  if (number < knownAttempts || (number === knownAttempts && waitsSince === undefined)) return 0;
  // The clock that wrote when it ended may have been ahead.
  const at = Math.min((number === knownAttempts ? waitsSince : undefined) ?? now, now);
  return Math.max(0, at + retryWaitMs(policy, seed, failed, at) - now);
}

/** `at`: when it failed. Once somebody has resumed the run, the waits begin at the shortest. */
function retryWaitMs(policy: NodePolicy, seed: string, failed: FailedTask, at: number): number {
  const { retry } = policy;
  if (retry === undefined) return 0;
  const after = retryAfter(failed.error, retry);
  const before = beforeResume(policy, failed);
  return after === undefined ? delayAfter(retry, seed, failed, before) : waitMs(after, at, retry);
}

/**
 * How long to wait after a try of this number, in milliseconds, if its error does not say. The jitter is drawn from the
 * run's seed. `place`: what is tried again.
 */
export function retryDelayMs(retry: RetryPolicy, number: number, seed: string, place: string): number {
  return delayAfter(retry, seed, { number, place }, 0);
}

function delayAfter(
  { delayMs = 0, backoff = 2, maxDelayMs = 30_000, jitter = 0 }: RetryPolicy,
  seed: string,
  { number, place }: Pick<FailedTask, 'number' | 'place'>,
  before: number,
): number {
  if (number <= before) return 0;
  const full = Math.min(delayMs * backoff ** (number - before - 1), maxDelayMs);
  if (jitter === 0 || full === 0) return full;
  const draw = drawStream(seed, `${place}#${number}:retry-jitter`).next();
  return Math.round(full * (1 - jitter * draw));
}
