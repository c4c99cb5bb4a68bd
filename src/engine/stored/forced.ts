import { forcedResumeNote } from '../../journal/run/driven-versions.ts';
import type { NoteEntry } from '../../journal/entry.ts';
import type { RunFold } from '../../journal/fold/run-fold.ts';
import { rootScope, stepKey } from '../../journal/key.ts';

/**
 * Whether the step that is open was resumed with `force`, and with this graph: what was accepted then is accepted by each
 * process that takes the run over in this step. Nobody is there to say it again.
 */
export function wasForced({ openStep, run }: RunFold, fingerprint: string): boolean {
  if (run?.fingerprint !== fingerprint) return false;
  return openStep.some((entry) => entry.kind === 'note' && entry.what === forcedResumeNote);
}

/** The run is resumed with `force`: code that nobody compared continues it from the step that is open. */
export function forcedNote(step: number, time: number): NoteEntry {
  const message = 'the run was resumed with `force`: what came before may be of other code';
  return { kind: 'note', at: stepKey(rootScope, step + 1), what: forcedResumeNote, message, observed: { time } };
}
