// Which recorded task a replayed one is: by node and its place among that node's tasks; tasks that were sent to first by
// equal payloads. So a task that was added or moved is one difference, and shifts nothing else.
import { sameValue } from '../base/equal.ts';
import type { TaskSpec } from '../journal/entry.ts';

/** Two ranks of one task; one is absent where the other run has no such task. */
export interface TaskPair {
  readonly recorded?: number;
  readonly replayed?: number;
}

/** All tasks of both steps, each once: those that were recorded in rank order, then those that were not. */
export function pairTasks(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): readonly TaskPair[] {
  const partners = new Map<number, number>();
  const taken = new Set<number>();
  const take = (from: number, to: number): void => {
    partners.set(from, to);
    taken.add(to);
  };
  const ranks = ranksByNode(replayed);
  // Most steps come out as they were: then rank is partner, and nothing has to be looked for.
  for (const [rank, task] of recorded.entries()) if (isSameTask(task, replayed[rank])) take(rank, rank);
  for (const [rank, task] of recorded.entries()) {
    if (partners.has(rank) || !('input' in task)) continue;
    const found = ranks
      .get(task.node)
      ?.find((candidate) => !taken.has(candidate) && isSameTask(task, replayed[candidate]));
    if (found !== undefined) take(rank, found);
  }
  for (const [rank, task] of recorded.entries()) {
    if (partners.has(rank)) continue;
    const found = ranks.get(task.node)?.find((candidate) => !taken.has(candidate));
    if (found !== undefined) take(rank, found);
  }
  const pairs: TaskPair[] = recorded.map((_task, rank) => {
    const partner = partners.get(rank);
    return partner === undefined ? { recorded: rank } : { recorded: rank, replayed: partner };
  });
  for (const rank of replayed.keys()) if (!taken.has(rank)) pairs.push({ replayed: rank });
  return pairs;
}

function isSameTask(left: TaskSpec, right: TaskSpec | undefined): boolean {
  return right !== undefined && left.node === right.node && sameValue(left.input, right.input);
}

function ranksByNode(tasks: readonly TaskSpec[]): ReadonlyMap<string, readonly number[]> {
  const ranks = new Map<string, number[]>();
  for (const [rank, { node }] of tasks.entries()) {
    const known = ranks.get(node);
    if (known === undefined) ranks.set(node, [rank]);
    else known.push(rank);
  }
  return ranks;
}
