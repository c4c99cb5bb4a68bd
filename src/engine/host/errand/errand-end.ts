// How an errand ends.
import type { Value } from '../../../base/value.ts';
import { entriesOfErrand } from '../../../journal/errand.ts';
import type { EndEntry, Entry, RunEnd } from '../../../journal/entry.ts';
import type { ErrandEnd } from '../../run/errands.ts';

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

/** What the journal of an errand that has ended says of it. */
export function endOfErrand(entries: readonly Entry[]): ErrandEnd {
  const last = entries.at(-1);
  return last?.kind === 'end' && last.end.status === 'failed'
    ? { kind: 'failed', error: last.end.error }
    : { kind: 'made', entries: entriesOfErrand(entries) };
}
