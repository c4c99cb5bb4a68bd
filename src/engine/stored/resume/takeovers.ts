// A run whose process had died says so in its journal, where another one took it over.
import type { Entry, NoteEntry } from '../../../journal/entry.ts';
import { isProgress } from '../../../journal/entry.ts';
import { rootScope, stepKey } from '../../../journal/key.ts';
import { takeoverNote, takeoversIn } from '../../../journal/run/takeover-note.ts';

/** Counts what the journal says of takeovers since the run last wrote anything new. */
export class TakeoverCount {
  inARow = 0;

  add(entry: Entry): void {
    if (isProgress(entry)) this.inARow = 0;
    else this.inARow += takeoversIn(entry);
  }

  /**
   * What is to be said of a run that was just taken. `takeovers`: how often in a row the store knows of. One that died
   * before it could say so is counted with the next. `place`: how many entries the journal holds.
   */
  notes(
    takeovers: number,
    { step, place, time }: { readonly step: number; readonly place: number; readonly time: number },
  ): readonly NoteEntry[] {
    const count = takeovers - this.inARow;
    if (count <= 0) return [];
    const message = `the process that drove the run had died, or kept its lease no longer: another one took it over after entry ${place}`;
    return [{ kind: 'note', at: stepKey(rootScope, step + 1), what: takeoverNote, message, observed: { time, count } }];
  }
}
