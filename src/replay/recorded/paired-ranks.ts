// Which recorded task answers which task of a replayed step, by rank.
import { inPieces } from '../../base/in-pieces.ts';
import { isSameTask, pairTasks } from '../../diff/compare/pair-tasks.ts';
import type { TaskSpec } from '../../journal/entry.ts';
import { rootTask, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, ScopeKey, TaskKey } from '../../journal/key.ts';
import { RecordedPlaces } from '../../journal/run/recorded-places.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { RecordedOrder, TaskWorld } from '../../port/world.ts';
import type { BodyCut } from './cut-bodies.ts';

/** Each rank with itself, for as many tasks as were asked about last. */
let sameRanks: ReadonlyMap<number, number> = new Map();

export function partnersOf(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): ReadonlyMap<number, number> {
  // Most steps are unchanged.
  if (recorded.length === replayed.length && recorded.every((task, rank) => isSameTask(task, replayed[rank]))) {
    if (sameRanks.size !== recorded.length) sameRanks = new Map(recorded.map((_task, rank) => [rank, rank]));
    return sameRanks;
  }
  const partners = new Map<number, number>();
  for (const pair of pairTasks(recorded, replayed)) {
    if (pair.replayed !== undefined && pair.recorded !== undefined) partners.set(pair.replayed, pair.recorded);
  }
  return partners;
}

/** The order of recorded tasks, by their attempts as they are known today. `tasks`: today's keys by the recorded ones. */
export function* placesOf(
  { entries, beside }: StepIndex,
  tasks: ReadonlyMap<TaskKey, TaskKey>,
  cut: BodyCut,
): Generator<undefined, RecordedOrder> {
  const places = new RecordedPlaces({ isWanted: (at) => tasks.has(rootTask(at)), withParts: cut === 'recorded' });
  yield* inPieces([...entries, ...beside], (entry) => places.add(entry));
  const today = new Map<string, readonly number[]>();
  yield* inPieces([...places.byAttempt], ([at, own]) => {
    const task = rootTask(at);
    today.set(`${tasks.get(task)}${at.slice(task.length)}`, own);
  });
  const { numbers, highest, next } = places;
  return { places: today, numbers, highest, next, isWhole: true };
}

/** A failed step is canonical up to the rank that failed: tasks of higher rank are not run again. */
export function upToPartner(
  worlds: readonly TaskWorld[],
  partners: ReadonlyMap<number, number>,
  lastRank: number,
): readonly TaskWorld[] {
  const ranks = [...partners].filter(([, recorded]) => recorded <= lastRank).map(([replayed]) => replayed);
  return worlds.slice(0, ranks.length === 0 ? worlds.length : Math.max(...ranks) + 1);
}

/** Whether a scope belongs to one of the tasks. */
export function isWithin(scope: ScopeKey, tasks: ReadonlySet<TaskKey>): boolean {
  if (tasks.size === 0) return false;
  for (let end = scope.length; end > 0; end = scope.lastIndexOf('/', end - 1))
    if (tasks.has(taskOfAttempt(scope.slice(0, end) as AttemptKey))) return true;
  return false;
}
