// Compares how two steps end: committed, or with the end of the run.
import { sameValue } from '../base/equal.ts';
import type { Value } from '../base/value.ts';
import type { RunEnd } from '../journal/entry.ts';
import { errorIdentity } from '../journal/error-identity.ts';
import type { Found } from './divergence.ts';

/** How a step ended: an end of the run, or `committed`. */
export type StepEnd = RunEnd | 'committed';

export function compareEnds(recorded: StepEnd, replayed: StepEnd): Found | undefined {
  if (sameValue(comparedValue(recorded), comparedValue(replayed))) return undefined;
  const isConflict = [recorded, replayed].some(
    (end) =>
      end !== 'committed' && end.status === 'failed' && (end.error as { code?: unknown } | null)?.code === 'conflict',
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
    // The reason is for people; it says what somebody typed, not what the run did.
    case 'cancelled':
      return { status: 'cancelled' };
  }
}

/** The error itself: its text says more than its identity. */
function shownValue(end: StepEnd): Value {
  if (end === 'committed') return 'the step was committed';
  if (end.status !== 'failed') return end.status;
  return { status: end.status, error: end.error, ...(end.task === undefined ? {} : { task: end.task }) };
}
