// Compares how two steps ended: committed, or with the end of the run.
import { errorParts } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { RunEnd } from '../../journal/entry.ts';
import { errorIdentity } from '../../journal/error/error-identity.ts';
import type { Found } from '../divergence.ts';
import { failureText } from './failure-text.ts';
import { firstDifference } from '../value/value-difference.ts';

/** How a step ended: an end of the run, or `committed`. */
export type StepEnd = RunEnd | 'committed';

export function compareEnds(recorded: StepEnd, replayed: StepEnd): Found | undefined {
  if (firstDifference(comparedValue(recorded), comparedValue(replayed), 'end') === undefined) return undefined;
  const isConflict = [recorded, replayed].some(
    (end) => end !== 'committed' && end.status === 'failed' && codeOf(end.error) === 'conflict',
  );
  return {
    kind: isConflict ? 'conflict' : 'error',
    path: 'end',
    recorded: shownValue(recorded),
    replayed: shownValue(replayed),
  };
}

function comparedValue(end: StepEnd): Value {
  if (end === 'committed') return end;
  switch (end.status) {
    case 'done':
      return { status: 'done' };
    case 'failed':
      return { status: 'failed', error: errorIdentity(end.error), task: end.task };
    // The reason is for people: it is what someone typed, not what the run did.
    case 'cancelled':
      return { status: 'cancelled' };
  }
}

/** In words: the text of a failure says more than its fields. */
function shownValue(end: StepEnd): Value {
  if (end === 'committed') return 'the step was committed';
  if (end.status !== 'failed') return end.status;
  return `failed${end.task === undefined ? '' : ` in ${end.task}`}: ${failureText(end.error)}`;
}

function codeOf(error: Value): Value {
  return error instanceof Error ? errorParts(error).fields.code : undefined;
}
