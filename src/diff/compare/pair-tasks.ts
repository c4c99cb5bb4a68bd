// Pairs replayed tasks with recorded ones: by node, and by place among that node's tasks. Tasks with a payload are
// first paired by equal payloads. So a task that was added or moved is one difference, and shifts no other pair.
import { canonicalTextOf } from '../../base/canonical-json.ts';
import { sameValue } from '../../base/equal.ts';
import { atOnce, inPieces } from '../../base/in-pieces.ts';
import type { TaskSpec } from '../../journal/entry.ts';

/** The ranks of one task in both runs. One is absent if that run has no such task. */
export interface TaskPair {
  readonly recorded?: number;
  readonly replayed?: number;
}

/** All tasks of both steps, each once: first the recorded ones in rank order, then those that were not recorded. */
export function pairTasks(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): readonly TaskPair[] {
  return atOnce(pairInPieces(recorded, replayed));
}

export function* pairInPieces(
  recorded: readonly TaskSpec[],
  replayed: readonly TaskSpec[],
): Generator<undefined, readonly TaskPair[]> {
  // Most steps are unchanged: then equal ranks are partners, and nothing has to be searched.
  const same: TaskPair[] = [];
  let isSame = recorded.length === replayed.length;
  if (isSame)
    yield* inPieces(recorded, (task, rank) => {
      isSame &&= isSameTask(task, replayed[rank]);
      if (isSame) same.push({ recorded: rank, replayed: rank });
    });
  return isSame ? same : searched(recorded, replayed);
}

function searched(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): readonly TaskPair[] {
  const partners = new Map<number, number>();
  const taken = new Set<number>();
  const take = (from: number, to: number): void => {
    partners.set(from, to);
    taken.add(to);
  };
  for (const [rank, task] of recorded.entries()) if (isSameTask(task, replayed[rank])) take(rank, rank);
  const isLeft = (rank: number): boolean => !partners.has(rank);
  const isFree = (rank: number): boolean => !taken.has(rank);
  pairBy(samePayload, recorded, replayed, isLeft, isFree, take);
  pairBy(sameNode, recorded, replayed, isLeft, isFree, take);
  const pairs: TaskPair[] = recorded.map((_task, rank) => {
    const partner = partners.get(rank);
    return partner === undefined ? { recorded: rank } : { recorded: rank, replayed: partner };
  });
  for (const rank of replayed.keys()) if (!taken.has(rank)) pairs.push({ replayed: rank });
  return pairs;
}

export function isSameTask(left: TaskSpec, right: TaskSpec | undefined): boolean {
  return right !== undefined && left.node === right.node && sameValue(left.input, right.input);
}

/** What two tasks must have in common to be paired; undefined for a task that is not paired this way. */
type Likeness = (task: TaskSpec) => string | undefined;

const sameNode: Likeness = ({ node }) => node;
const samePayload: Likeness = (task) =>
  'input' in task ? JSON.stringify([task.node, canonicalTextOf(task.input)]) : undefined;

/** Pairs like with like, first with first. */
function pairBy(
  likeness: Likeness,
  recorded: readonly TaskSpec[],
  replayed: readonly TaskSpec[],
  isLeft: (rank: number) => boolean,
  isFree: (rank: number) => boolean,
  take: (from: number, to: number) => void,
): void {
  if (!recorded.some((_task, rank) => isLeft(rank))) return;
  // In reverse, so that the first can be popped off the end.
  const waiting = new Map<string, number[]>();
  for (let rank = replayed.length - 1; rank >= 0; rank -= 1) {
    const text = isFree(rank) ? likeness(replayed[rank] as TaskSpec) : undefined;
    if (text === undefined) continue;
    const ranks = waiting.get(text);
    if (ranks === undefined) waiting.set(text, [rank]);
    else ranks.push(rank);
  }
  for (const [rank, task] of recorded.entries()) {
    const text = isLeft(rank) ? likeness(task) : undefined;
    const found = text === undefined ? undefined : waiting.get(text)?.pop();
    if (found !== undefined) take(rank, found);
  }
}
