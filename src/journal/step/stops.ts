// What the journal of a step says of attempts that were stopped and had something to clean up.
//   Owns:         which clean-ups count, what is left to clean up, what a failed run that is resumed has cleaned up.
//   Not its job:  stopping (engine), the order of what counts (canonical.ts).
import { addressInDoubt } from '../address-in-doubt.ts';
import { entryIdentity } from '../entry-identity.ts';
import type { AttemptResult, EffectEntry, Entry, GuardEntry, NoteEntry, StopEntry } from '../entry.ts';
import { attemptOfCleanUp, isCleanUpKey } from '../key.ts';
import type { AttemptKey } from '../key.ts';

/** Of a function that cleaned up: it took longer than it may. */
export const cleanUpTimeoutNote = 'clean-up-timeout';
/** Of a function that cleaned up: it ran to its end. */
export const cleanedUpNote = 'cleaned-up';

/** Whether an attempt with this result was stopped: its node neither returned nor threw. */
export function isOfStopped(result: AttemptResult): boolean {
  return result.status === 'timeout' || (result.status === 'failed' && addressInDoubt(result.error) !== undefined);
}

/** Leaves out clean-ups that do not count: those of attempts that were stopped and have no result. */
export function withoutUncounted(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(({ at }) => isCleanUpKey(at))) return entries;
  const counted = new Set<string>();
  for (const entry of entries) if (entry.kind === 'outcome' && isOfStopped(entry.result)) counted.add(entry.at);
  return entries.filter(({ at }) => !isCleanUpKey(at) || counted.has(attemptOfCleanUp(at as AttemptKey)));
}

/**
 * What is left of the open step of a failed run that is resumed. An attempt that was stopped is entered again, and cleans
 * up once more if it is stopped again.
 */
export function withoutStops(openStep: readonly Entry[]): readonly Entry[] {
  if (!openStep.some((entry) => isPartOfStop(entry))) return openStep;
  const ended = endedIn(openStep);
  return openStep.filter((entry) => !isPartOfStop(entry) || ended.has(attemptOfCleanUp(entry.at as AttemptKey)));
}

/**
 * A failed run is resumed: what its stopped attempts had got and a function has taken back. They are entered again, and
 * ask for it again. The notes make the entries void.
 */
export function undoneNotes(openStep: readonly Entry[], time: number): readonly NoteEntry[] {
  if (!openStep.some(isUndoing)) return [];
  const ended = endedIn(openStep);
  const got = new Map<string, EffectEntry>();
  const notes: NoteEntry[] = [];
  for (const entry of openStep) {
    if (entry.kind === 'effect' && entry.type === 'call' && !isInside(entry.at, ended))
      got.set(entryIdentity(entry), entry);
    if (!isUndoing(entry)) continue;
    for (const [identity, effect] of got) {
      if (effect.at !== attemptOfCleanUp(entry.at as AttemptKey) || !entry.undoes?.includes(effect.name)) continue;
      got.delete(identity);
      const message = `effect ${JSON.stringify(effect.name)} no longer counts: a clean-up has taken it back`;
      const note = { kind: 'note', at: effect.at, what: 'undone', message, observed: { time } } as const;
      notes.push({ ...note, voids: identity });
      if (effect.once === true) notes.push({ ...note, voids: `begin${identity.slice('effect'.length)}` });
    }
  }
  return notes;
}

function isUndoing(entry: Entry): entry is NoteEntry {
  return entry.kind === 'note' && entry.undoes !== undefined;
}

function endedIn(openStep: readonly Entry[]): ReadonlySet<string> {
  return new Set(openStep.flatMap((entry) => (entry.kind === 'outcome' ? [entry.at] : [])));
}

/** Whether one of these attempts is the attempt itself, or around it. */
function isInside(at: string, attempts: ReadonlySet<string>): boolean {
  for (let end = at.length; end > 0; end = at.lastIndexOf('/', end - 1))
    if (attempts.has(at.slice(0, end))) return true;
  return false;
}

/** Whether an attempt of the open step is not over and has something to clean up, or may have. */
export function hasToCleanUp(openStep: readonly Entry[]): boolean {
  return guarded(openStep).length > 0 || unended(openStep, 'stop').length > 0;
}

/** The attempts of the open step that registered what to do if they are stopped, and are not over. */
export function guarded(openStep: readonly Entry[]): readonly GuardEntry[] {
  return unended(openStep, 'guard');
}

/** What an attempt did in the inner run of one that is over does not count. */
function unended<Kind extends 'guard' | 'stop'>(
  openStep: readonly Entry[],
  kind: Kind,
): readonly (Entry & { readonly kind: Kind })[] {
  const found = openStep.filter((entry): entry is Entry & { readonly kind: Kind } => entry.kind === kind);
  if (found.length === 0) return found;
  const ended = endedIn(openStep);
  return found.filter(({ at }) => !isInside(at, ended));
}

/** The attempt itself, and those whose inner runs it is in: the outermost first. */
export function attemptsAround(at: AttemptKey): readonly AttemptKey[] {
  const around: AttemptKey[] = [];
  for (let end = at.indexOf('/'); end > 0; end = at.indexOf('/', end + 1)) around.push(at.slice(0, end) as AttemptKey);
  return [...around, at];
}

/** What a function has taken back stays taken back. */
function isPartOfStop(entry: Entry): boolean {
  return entry.kind === 'stop' || (isCleanUpKey(entry.at) && !(entry.kind === 'note' && entry.what === cleanedUpNote));
}

export const stoppedNote = 'stopped';

/** That attempts were stopped, and what they did to clean up. `entries`: those of their step. */
export function cleanUpNotes(stops: readonly StopEntry[], entries: readonly Entry[]): readonly NoteEntry[] {
  return stops.map(({ at, node, why, observed }) => {
    const did = entries
      .filter((entry) => entry.kind === 'effect' && isCleanUpKey(entry.at) && attemptOfCleanUp(entry.at) === at)
      .map((effect) => ('name' in effect ? effect.name : ''));
    const named = [...new Set(did)].filter((name) => name !== '').map((name) => JSON.stringify(name));
    const cleaned = named.length === 0 ? '' : `, and cleaned up with ${named.join(', ')}`;
    return {
      kind: 'note',
      at,
      node,
      what: stoppedNote,
      message: `it was stopped by ${stopTexts[why]}${cleaned}`,
      observed: { time: observed.time },
    };
  });
}

const stopTexts = {
  timeout: 'a timeout',
  failure: 'the failure of another task',
  cancel: 'a cancel',
  limit: 'a limit of the run',
  doubt: 'an effect in doubt',
} as const;
