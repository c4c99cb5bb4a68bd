// Compares what runs next.
import type { Value } from '../base/value.ts';
import type { JoinArrivals, TaskSpec } from '../journal/entry.ts';
import type { Found } from './divergence.ts';
import { pairTasks } from './pair-tasks.ts';
import { firstDifference } from './value-difference.ts';

/** What a commit says about what comes after it. */
export interface Ahead {
  readonly frontier: readonly TaskSpec[];
  readonly joins?: JoinArrivals;
}

/** `rank` is that of the recorded task whose input differs. */
export type AheadDifference = Found & { readonly rank?: number };

export function compareAhead(recorded: Ahead, replayed: Ahead): readonly AheadDifference[] {
  const tasks = compareFrontiers(recorded.frontier, replayed.frontier);
  if (tasks.length > 0) return tasks;
  // The tasks are the same, but the joins have seen different arrivals, which shows only in later steps.
  const joins = firstDifference(recorded.joins as Value, replayed.joins as Value, 'joins');
  return joins === undefined ? [] : [{ kind: 'frontier', ...joins, detail: 'the arrivals at joins' }];
}

function compareFrontiers(recorded: readonly TaskSpec[], replayed: readonly TaskSpec[]): readonly AheadDifference[] {
  const pairs = pairTasks(recorded, replayed);
  const found: AheadDifference[] = [];
  for (const pair of pairs) {
    const left = pair.recorded === undefined ? undefined : recorded[pair.recorded];
    const right = pair.replayed === undefined ? undefined : replayed[pair.replayed];
    const path = `frontier[${pair.recorded ?? pair.replayed}]`;
    if (left === undefined || right === undefined)
      found.push({ kind: 'frontier', path, recorded: left as Value, replayed: right as Value });
    else {
      const difference = firstDifference(left.input, right.input, `${path}.input`);
      if (difference === undefined) continue;
      const rank = pair.recorded === undefined ? {} : { rank: pair.recorded };
      found.push({ kind: 'frontier', ...difference, detail: `sent to "${left.node}"`, ...rank });
    }
  }
  if (found.length > 0) return found;
  // The same tasks in a different order: their ranks changed.
  const moved = pairs.find((pair) => pair.recorded !== pair.replayed);
  if (moved === undefined) return [];
  const names = (tasks: readonly TaskSpec[]): Value => tasks.map(({ node }) => node);
  const detail = 'the order of the tasks';
  return [{ kind: 'frontier', path: 'frontier', recorded: names(recorded), replayed: names(replayed), detail }];
}
