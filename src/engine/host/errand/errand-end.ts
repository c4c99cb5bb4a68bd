// How an errand ends.
import type { Value } from '../../../base/value.ts';
import type { EndEntry, RunEnd } from '../../../journal/entry.ts';

function errandEnd(end: RunEnd, time: number): EndEntry {
  return { kind: 'end', at: '', step: 0, end, observed: { time } };
}

/** Its attempt has ended. */
export function madeErrand(time: number): EndEntry {
  return errandEnd({ status: 'done' }, time);
}

/** Its attempt was stopped, or is not wanted any more. */
export function stoppedErrand(reason: Value, time: number): EndEntry {
  return errandEnd({ status: 'cancelled', reason }, time);
}

/** Nobody can make its attempt. */
export function failedErrand(error: Value, time: number): EndEntry {
  return errandEnd({ status: 'failed', error }, time);
}
