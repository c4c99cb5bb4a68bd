// Owners of a run that live, and did nothing for it for as long as their lease lasts. A node that never gives the event loop
// its turn makes one of every process that takes its run over.
//   S1. A takeover from such an owner is a note in the journal of the run.
//   S2. The first in a row counts for nothing: a process that was stopped for a while, a machine that slept or a clock that
//       jumped looks the same. What happens again before the run has written anything new has its cause in the run.
import { isProgress } from '../../../journal/entry.ts';
import type { Entry, NoteEntry } from '../../../journal/entry.ts';
import { rootScope, stepKey } from '../../../journal/key.ts';

const stallNote = 'stalled';

export function stalledNote(step: number, time: number): NoteEntry {
  const message = 'the run was taken over from a process that lives, and had not renewed its lease';
  return { kind: 'note', at: stepKey(rootScope, step + 1), what: stallNote, message, observed: { time } };
}

/** Counts them while a journal is read. */
export class StallCount {
  #inARow = 0;

  add(entry: Entry): void {
    if (isProgress(entry)) this.#inARow = 0;
    else if (entry.kind === 'note' && entry.what === stallNote) this.#inARow += 1;
  }

  /** How many of them count as takeovers, since the run last wrote anything new. */
  get counted(): number {
    return Math.max(0, this.#inARow - 1);
  }
}
