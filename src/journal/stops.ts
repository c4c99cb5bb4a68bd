// What the journal of a step says of attempts that were stopped and had something to clean up.
//   Owns:         which clean-ups count, what is left to clean up, what a failed run that is resumed has cleaned up.
//   Not its job:  stopping (engine), the order of what counts (canonical.ts).
import type { Entry, NoteEntry, StopEntry } from './entry.ts';
import { attemptOfCleanUp, isCleanUpKey } from './key.ts';
import type { AttemptKey } from './key.ts';

/** Of a function that cleaned up: it took longer than it may. */
export const cleanUpTimeoutNote = 'clean-up-timeout';

/** Leaves out clean-ups that do not count: those of attempts that did not time out. */
export function withoutUncounted(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(({ at }) => isCleanUpKey(at))) return entries;
  const timedOut = new Set<string>();
  for (const entry of entries)
    if (entry.kind === 'outcome' && entry.result.status === 'timeout') timedOut.add(entry.at);
  return entries.filter(({ at }) => !isCleanUpKey(at) || timedOut.has(attemptOfCleanUp(at as AttemptKey)));
}

/**
 * What is left of the open step of a failed run that is resumed. An attempt that was stopped is entered again, and cleans
 * up once more if it is stopped again.
 */
export function withoutStops(openStep: readonly Entry[]): readonly Entry[] {
  if (!openStep.some((entry) => isPartOfStop(entry))) return openStep;
  const ended = new Set<string>(openStep.flatMap((entry) => (entry.kind === 'outcome' ? [entry.at] : [])));
  return openStep.filter((entry) => !isPartOfStop(entry) || ended.has(attemptOfCleanUp(entry.at as AttemptKey)));
}

/** Whether an attempt of the open step was being stopped and is not over. */
export function hasToCleanUp(openStep: readonly Entry[]): boolean {
  const ended = new Set<string>(openStep.flatMap((entry) => (entry.kind === 'outcome' ? [entry.at] : [])));
  return openStep.some((entry) => entry.kind === 'stop' && !ended.has(entry.at));
}

function isPartOfStop({ kind, at }: Entry): boolean {
  return kind === 'stop' || isCleanUpKey(at);
}

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
      what: 'stopped',
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
} as const;
