import type { Entry } from '../entry.ts';

/** The `what` of the note that a takeover from a dead process leaves, at the step that was open. */
export const takeoverNote = 'taken-over';

/** For how many takeovers an entry stands. */
export function takeoversIn(entry: Entry): number {
  return entry.kind === 'note' && entry.what === takeoverNote ? (entry.observed.count ?? 1) : 0;
}
