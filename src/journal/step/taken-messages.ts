import type { Entry } from '../entry.ts';

/** The messages from outside that the run has taken with these entries, by number. */
export function takenMessages(entries: readonly Entry[]): readonly number[] {
  let taken: number[] | undefined;
  for (const { kind, observed } of entries) {
    if ((kind !== 'effect' && kind !== 'note') || observed.message === undefined) continue;
    taken ??= [];
    taken.push(observed.message);
  }
  return taken ?? none;
}

const none: readonly number[] = [];
