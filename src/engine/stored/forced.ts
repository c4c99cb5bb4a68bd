import { forcedResumeNote } from '../../journal/run/driven-versions.ts';
import type { NoteEntry } from '../../journal/entry.ts';
import { rootScope, stepKey } from '../../journal/key.ts';

/** The run is resumed with `force`: code that nobody compared continues it from the step that is open. */
export function forcedNote(step: number, time: number): NoteEntry {
  const message = 'the run was resumed with `force`: what came before may be of other code';
  return { kind: 'note', at: stepKey(rootScope, step + 1), what: forcedResumeNote, message, observed: { time } };
}
