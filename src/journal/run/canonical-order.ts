// The canonical order of entries: that of their keys, and at one key that of what an attempt does.
import { compareCodeUnits } from '../../base/compare.ts';
import { inPieces, mapInPieces, sortInPieces } from '../../base/in-pieces.ts';
import { compareEffects } from '../effect-identity.ts';
import type { Entry } from '../entry.ts';
import { attemptOfCleanUp, keyNumbers } from '../key.ts';
import type { AttemptKey } from '../key.ts';

/** Within one attempt: effects, then inner steps, then a restart, chunks, events, tasks, clean-up, then the outcome. */
const placeInAttempt = {
  begin: 0,
  effect: 0,
  pooled: 0,
  inner: 1,
  restart: 2,
  chunk: 3,
  event: 4,
  task: 5,
  ambient: 6,
  note: 6,
  guard: 6,
  stop: 6,
  cleanUp: 7,
  outcome: 8,
} as const;

/** The total canonical order of a journal's entries. */
export function compareEntries(left: Entry, right: Entry): number {
  return compareKeyed(keyed(left), keyed(right));
}

/** An entry with the numbers of its key. */
interface KeyedEntry {
  readonly entry: Entry;
  readonly numbers: readonly number[];
}

function keyed(entry: Entry): KeyedEntry {
  return { entry, numbers: keyNumbers(entry.at) };
}

/** In canonical order. The key of each is read once. */
export function* inCanonicalOrder(entries: readonly Entry[]): Generator<undefined, Entry[]> {
  if (entries.length < 2) return [...entries];
  if (entries.length < manyEntries) return entries.map(keyed).sort(compareKeyed).map(entryOf);
  const all = yield* mapInPieces(entries, keyed);
  const sorted = (yield* byTask(all)) ?? (yield* sortInPieces(all, compareKeyed));
  return yield* mapInPieces(sorted, entryOf);
}

function entryOf({ entry }: KeyedEntry): Entry {
  return entry;
}

/** From so many entries on, it is worth sorting them task by task. */
const manyEntries = 64;

/** Undefined if anything but the commit belongs to no task of the step. */
function* byTask(all: readonly KeyedEntry[]): Generator<undefined, readonly KeyedEntry[] | undefined> {
  const step = all[0]?.numbers[0];
  const tasks: KeyedEntry[][] = [];
  const commits: KeyedEntry[] = [];
  let belongs = true;
  yield* inPieces(all, (keyedEntry) => {
    const { entry, numbers } = keyedEntry;
    const rank = numbers[1];
    if (numbers[0] !== step) belongs = false;
    else if (rank === undefined) {
      commits.push(keyedEntry);
      belongs &&= entry.kind === 'commit' && commits.length === 1;
    } else {
      const task = tasks[rank];
      if (task === undefined) tasks[rank] = [keyedEntry];
      else task.push(keyedEntry);
    }
  });
  if (!belongs) return undefined;
  const sorted: KeyedEntry[] = [];
  // Those that are cut short have no task of some ranks.
  yield* inPieces(tasks, (task: KeyedEntry[] | undefined) => {
    for (const one of task?.sort(compareKeyed) ?? []) sorted.push(one);
  });
  sorted.push(...commits);
  return sorted;
}

function compareKeyed(
  { entry: left, numbers: leftNumbers }: KeyedEntry,
  { entry: right, numbers: rightNumbers }: KeyedEntry,
): number {
  const outer = placeInRun(left) - placeInRun(right);
  if (outer !== 0) return outer;
  const shared = Math.min(leftNumbers.length, rightNumbers.length);
  for (let index = 0; index < shared; index += 1) {
    const difference = (leftNumbers[index] as number) - (rightNumbers[index] as number);
    if (difference !== 0) return difference;
  }
  if (leftNumbers.length === rightNumbers.length) return compareAtOneKey(left, right);
  return leftNumbers.length < rightNumbers.length ? placeBeside(left, right) : -placeBeside(right, left);
}

function placeInRun(entry: Entry): number {
  return entry.kind === 'run' ? 0 : entry.kind === 'end' ? 2 : 1;
}

/** Whether an entry comes before or after one whose key nests below its own: a commit ends its step, effects come first. */
function placeBeside(outer: Entry, nested: Entry): number {
  if (outer.kind === 'commit') return 1;
  const isCleanUp = attemptOfCleanUp(nested.at as AttemptKey) === outer.at;
  return placeOf(outer) < (isCleanUp ? placeInAttempt.cleanUp : placeInAttempt.inner) ? -1 : 1;
}

function placeOf(entry: Entry): number {
  return entry.kind === 'run' || entry.kind === 'commit' || entry.kind === 'edit' || entry.kind === 'end'
    ? placeInAttempt.inner
    : placeInAttempt[entry.kind];
}

function compareAtOneKey(left: Entry, right: Entry): number {
  if ((left.kind === 'effect' || left.kind === 'begin') && (right.kind === 'effect' || right.kind === 'begin'))
    return compareEffects(left, right);
  if (left.kind === 'task' && right.kind === 'task') return compareCodeUnits(left.path, right.path);
  if (left.kind === 'event' && right.kind === 'event') {
    if (left.task !== right.task) return compareCodeUnits(left.task ?? '', right.task ?? '');
    if (left.stream !== right.stream) return left.stream < right.stream ? -1 : 1;
    return left.ordinal - right.ordinal;
  }
  return placeOf(left) - placeOf(right);
}
