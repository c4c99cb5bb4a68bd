import { matchesAddress, parseAddress } from '../../journal/address.ts';
import { addressAskedInDoubt } from '../../journal/address-in-doubt.ts';
import type { AttemptResult, EffectEntry } from '../../journal/entry.ts';
import { attemptKey, attemptNumber, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';

/**
 * What an attempt asked for and failed over, since nobody knew whether it had happened. Its own entries do not hold the
 * request, but those of a later attempt do, once somebody has decided about it.
 */
export function doubtedEffect(
  index: StepIndex,
  at: AttemptKey,
  result: AttemptResult | undefined,
): EffectEntry | undefined {
  const address = result?.status === 'failed' ? addressAskedInDoubt(result.error) : undefined;
  const named = address === undefined ? undefined : parseAddress(address);
  if (named === undefined) return undefined;
  const task = taskOfAttempt(at);
  for (let number = attemptNumber(at) + 1; ; number += 1) {
    const later = index.attempt(attemptKey(task, number));
    if (later === undefined) return undefined;
    const found = later.effects.find((effect) => matchesAddress({ ...named, at: effect.at }, effect));
    if (found !== undefined) return found;
  }
}
