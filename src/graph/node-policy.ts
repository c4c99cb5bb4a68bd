// The options of a node, checked when they are given.
import {
  checkFunctionOption,
  checkNumberOption,
  checkOptionKeys,
  checkOptionObject,
  optionInvalid,
} from '../base/option-check.ts';
import type { NodePolicy, RetryPolicy } from './spec.ts';

/** The longest time that a timer of the platform can wait: beyond it, it fires at once. */
const timerMsMax = 2_147_483_647;

/** @throws RepriseError `option-invalid` */
export function nodePolicy(options: unknown, node: string, kind: 'function' | 'subgraph'): NodePolicy {
  if (options === undefined) return Object.freeze({});
  const where = `node "${node}"`;
  checkOptionObject(options, where);
  const ofChunks = kind === 'subgraph' ? [] : ['accumulate', 'resumable'];
  checkOptionKeys(options, ['retry', 'timeoutMs', 'maxConcurrent', 'onError', ...ofChunks], where);
  const { retry, timeoutMs, maxConcurrent, onError, accumulate, resumable } = options as Readonly<
    Record<string, unknown>
  >;
  // A timeout of 0 would end every attempt before it began.
  checkNumberOption(timeoutMs, `timeoutMs of ${where}`, { least: Number.MIN_VALUE, most: timerMsMax });
  checkNumberOption(maxConcurrent, `maxConcurrent of ${where}`, { least: 1, isWhole: true });
  checkFunctionOption(accumulate, `accumulate of ${where}`);
  if (resumable !== undefined && typeof resumable !== 'boolean')
    throw optionInvalid(`resumable of ${where}`, 'true or false', resumable);
  if (onError !== undefined && typeof onError !== 'string') {
    throw optionInvalid(`onError of ${where}`, 'the name of a node', onError);
  }
  return Object.freeze({
    ...(retry === undefined ? {} : { retry: retryPolicy(retry, where) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: timeoutMs as number }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent: maxConcurrent as number }),
    ...(onError === undefined ? {} : { onError }),
    ...(accumulate === undefined ? {} : { accumulate: accumulate as () => unknown }),
    ...(resumable === true ? { resumable } : {}),
  });
}

function retryPolicy(retry: unknown, where: string): RetryPolicy {
  checkOptionObject(retry, `retry of ${where}`);
  checkOptionKeys(retry, ['attempts', 'delayMs', 'backoff', 'maxDelayMs', 'jitter', 'when'], `retry of ${where}`);
  const { attempts, delayMs, backoff, maxDelayMs, jitter, when } = retry as Readonly<Record<string, unknown>>;
  if (attempts === undefined)
    throw optionInvalid(`attempts of retry of ${where}`, 'how many attempts in all', attempts);
  checkNumberOption(attempts, `attempts of retry of ${where}`, { least: 1, isWhole: true });
  checkNumberOption(delayMs, `delayMs of retry of ${where}`, { least: 0, most: timerMsMax });
  checkNumberOption(backoff, `backoff of retry of ${where}`, { least: 1 });
  checkNumberOption(maxDelayMs, `maxDelayMs of retry of ${where}`, { least: 0, most: timerMsMax });
  checkNumberOption(jitter, `jitter of retry of ${where}`, { least: 0, most: 1 });
  checkFunctionOption(when, `when of retry of ${where}`);
  const given = Object.entries({ attempts, delayMs, backoff, maxDelayMs, jitter, when });
  return Object.freeze(Object.fromEntries(given.filter(([, value]) => value !== undefined))) as unknown as RetryPolicy;
}
