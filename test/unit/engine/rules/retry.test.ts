import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RepriseError } from '../../../../src/base/error.ts';
import { canonicalValue } from '../../../../src/base/value.ts';
import type { Value } from '../../../../src/base/value.ts';
import { mayRetry, retryDelayMs, waitLeftMs } from '../../../../src/engine/rules/retry.ts';
import type { NodePolicy, RetryPolicy } from '../../../../src/graph/spec.ts';
import { stepKey, taskKey } from '../../../../src/journal/key.ts';

const error = canonicalValue(new Error('later'), 'error');
const final = canonicalValue(new RepriseError('unstorable', 'no', { nextStep: 'Stop.' }), 'error');
const task = taskKey(stepKey('', 1), 0);

describe('a further attempt', () => {
  it.each<readonly [string, NodePolicy, number, number, boolean]>([
    ['without a policy there is none', {}, 1, 0, false],
    ['up to the number of attempts', { retry: { attempts: 3 } }, 2, 0, true],
    ['and no more', { retry: { attempts: 3 } }, 3, 0, false],
    ['a resumed run tries again what failed, without a policy', {}, 2, 2, true],
    ['and then has as many attempts as the policy says', { retry: { attempts: 2 } }, 3, 2, true],
    ['and no more of those', { retry: { attempts: 2 } }, 4, 2, false],
    ['what is handled did not fail the run', { onError: 'rescue' }, 2, 2, false],
    ['a predicate may say no', { retry: { attempts: 3, when: () => false } }, 1, 0, false],
    ['a truthy answer is no yes', { retry: { attempts: 3, when: () => 1 as never } }, 1, 0, false],
    [
      'a predicate that throws has not said yes',
      {
        retry: {
          attempts: 3,
          when: () => {
            throw new Error('oops');
          },
        },
      },
      1,
      0,
      false,
    ],
  ])('%s', (_name, policy, number, failedBefore, expected) => {
    expect(mayRetry(policy, { number, error, failedBefore })).toBe(expected);
  });

  it('is not given for faults of the code, but where the run was resumed', () => {
    const policy = { retry: { attempts: 3 } };
    expect(mayRetry(policy, { number: 1, error: final, failedBefore: 0 })).toBe(false);
    expect(mayRetry(policy, { number: 1, error: final, failedBefore: 1 })).toBe(true);
  });
});

describe('the wait before it', () => {
  it('grows by the backoff up to its limit', () => {
    const delays = (retry: RetryPolicy): readonly number[] =>
      [1, 2, 3, 4].map((number) => retryDelayMs(retry, number, 'seed', task));
    expect(delays({ attempts: 5 })).toEqual([0, 0, 0, 0]);
    expect(delays({ attempts: 5, delayMs: 100 })).toEqual([100, 200, 400, 800]);
    expect(delays({ attempts: 5, delayMs: 100, backoff: 1 })).toEqual([100, 100, 100, 100]);
    expect(delays({ attempts: 5, delayMs: 20_000 })).toEqual([20_000, 30_000, 30_000, 30_000]);
    expect(delays({ attempts: 5, delayMs: 100, maxDelayMs: 150 })).toEqual([100, 150, 150, 150]);
  });

  it('begins at the shortest again where somebody has resumed the run, and says what the error says', () => {
    const retry = { attempts: 3, delayMs: 100 };
    const waits = (given: Value, failedBefore: number, policy: NodePolicy = { retry }): readonly number[] =>
      [1, 2, 3, 4, 5].map((number) =>
        waitLeftMs(policy, 'seed', { number, error: given, failedBefore, place: task }, {}, 0),
      );
    expect(waits(error, 0)).toEqual([100, 200, 400, 800, 1_600]);
    expect(waits(error, 3)).toEqual([0, 0, 0, 100, 200]);
    expect(waits(error, 3, { retry, onError: 'rescue' })).toEqual([100, 200, 400, 800, 1_600]);
    const busy = canonicalValue(Object.assign(new Error('busy'), { retryAfter: 7 }), 'error');
    expect(waits(busy, 3)).toEqual([7, 7, 7, 7, 7]);
  });

  it('is shortened by the jitter at most, the same way for the same seed and attempt', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.string(),
        fc.integer({ min: 1, max: 20 }),
        (jitter, seed, number) => {
          const retry = { attempts: 99, delayMs: 1_000, backoff: 1, jitter };
          const delay = retryDelayMs(retry, number, seed, task);
          expect(delay).toBeLessThanOrEqual(1_000);
          expect(delay).toBeGreaterThanOrEqual(Math.floor(1_000 * (1 - jitter)));
          expect(retryDelayMs(retry, number, seed, task)).toBe(delay);
        },
      ),
    );
  });
});
