// An attempt comes to its end, and something that began in its task is in doubt: what follows would pass that.
import type { RepriseError } from '../../../../base/error.ts';
import type { Value } from '../../../../base/value.ts';
import type { AttemptResult } from '../../../../journal/entry.ts';
import { isFurther } from '../../../../journal/step/asked-in.ts';
import { errorValue, isInDoubt } from '../../../rules/failure.ts';
import type { AttemptSetup } from '../../attempt-setup.ts';
import { endedOverError, inDoubtError } from './doubt-errors.ts';

/**
 * Its time is over, no other attempt follows, and it leaves an effect in doubt whose policy does not perform it again: that is
 * what it fails with, since what handles a timeout would pass the doubt.
 */
export function doubtAtTimeout({ parts, key, owner }: AttemptSetup, timeout: RepriseError): Value | undefined {
  if (parts.run.semantics === 1) return undefined;
  const left = parts.history.leftAtEnd(key, 'timed out');
  if (left === undefined || owner.mayRetry(errorValue(timeout, undefined))) return undefined;
  const error = left.at === key ? inDoubtError(left, left, timeout.message) : endedOverError(left, key, timeout);
  return errorValue(error, undefined);
}

/**
 * What an attempt ends with that ends by itself. A failure is kept unless its node has something that handles it: without, the
 * run fails and can be resumed.
 */
export function resultOverDoubt(setup: AttemptSetup, result: AttemptResult): AttemptResult {
  const { parts, key, node, owner } = setup;
  if (parts.run.semantics === 1 || !(isFurther(key) || node.kind === 'subgraph')) return result;
  if (result.status !== 'done' && (node.policy.onError === undefined || isInDoubt(result.error))) return result;
  const left = parts.history.leftAtEnd(key, result.status === 'done' ? 'done' : 'failed');
  if (left === undefined || (result.status !== 'done' && owner.mayRetry(result.error))) return result;
  return { status: 'failed', error: errorValue(endedOverError(left, key), undefined) };
}
