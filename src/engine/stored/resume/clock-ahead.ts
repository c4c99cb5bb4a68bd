// Waits that were begun by a clock which was ahead. A worker that resumes the run sees that they have begun in the future,
// and notes its own time. From then on they count as begun at that time.
//   A1. Only what the reader sees in the future is corrected: a note by a clock that is behind moves nothing.
import type { BeginEntry, Entry, NoteEntry, OutcomeEntry } from '../../../journal/entry.ts';
import { rootScope, stepKey } from '../../../journal/key.ts';

const clockNote = 'clock';

/** To be written before a run continues at this time in which a wait has begun later. */
export function clockNotes(openStep: readonly Entry[], step: number, now: number): readonly NoteEntry[] {
  const isAhead = inTime(openStep, now).some((entry) => isWait(entry) && timeOf(entry) > now);
  if (!isAhead) return [];
  const message = 'waits of this step were begun by a clock that was ahead: they count from now on';
  return [{ kind: 'note', at: stepKey(rootScope, step + 1), what: clockNote, message, observed: { time: now } }];
}

/** The open step with its waits at their corrected times. */
export function inTime(openStep: readonly Entry[], now: number): readonly Entry[] {
  const last = openStep.findLastIndex(isClockNote);
  if (last < 0) return openStep;
  let noted = Number.POSITIVE_INFINITY;
  const corrected = [...openStep];
  for (let place = last; place >= 0; place -= 1) {
    const entry = openStep[place] as Entry;
    if (isClockNote(entry)) noted = Math.min(noted, entry.observed.time);
    else if (isWait(entry) && timeOf(entry) > now) corrected[place] = from(entry, noted);
  }
  return corrected;
}

/** A wait that knows when it is over, or an attempt that may be followed by another one after a while. */
type Wait = BeginEntry | OutcomeEntry;

function isWait(entry: Entry): entry is Wait {
  if (entry.kind === 'begin') return entry.observed.due !== undefined;
  return entry.kind === 'outcome' && entry.result.status !== 'done';
}

function isClockNote(entry: Entry): entry is NoteEntry {
  return entry.kind === 'note' && entry.what === clockNote;
}

function timeOf({ observed }: Wait): number {
  return 'ended' in observed ? observed.ended : observed.time;
}

function from(entry: Wait, time: number): Entry {
  const ahead = Math.max(0, timeOf(entry) - time);
  if (entry.kind === 'outcome') return { ...entry, observed: { ...entry.observed, ended: time } };
  const due = (entry.observed.due as number) - ahead;
  return { ...entry, observed: { ...entry.observed, time, due } };
}
