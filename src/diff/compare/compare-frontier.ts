// Compares what runs next.
import type { Value } from '../../base/value.ts';
import { sameValue } from '../../base/equal.ts';
import { inPieces } from '../../base/in-pieces.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type { CommitEntry, Entry, TaskSpec } from '../../journal/entry.ts';
import { isRecordValue } from '../../journal/record-value.ts';
import type { RecordValue } from '../../journal/record-value.ts';
import type { Found } from '../divergence.ts';
import { pairInPieces } from './pair-tasks.ts';
import { firstDifference } from '../value/value-difference.ts';

/** What a commit says about what comes after it, and what is known about how it came to that. */
export interface Ahead {
  readonly commit: Pick<CommitEntry, 'frontier' | 'joins'>;
  readonly graph: GraphDescription;
  /** Those of the step. */
  readonly entries: readonly Entry[];
}

/** `rank` is that of the recorded task whose input differs. */
export type AheadDifference = Found & { readonly rank?: number };

export function* compareAhead(recorded: Ahead, replayed: Ahead): Generator<undefined, readonly AheadDifference[]> {
  const tasks = yield* compareFrontiers(recorded, replayed);
  if (tasks.length > 0) return tasks;
  // The tasks are the same, but the joins have seen different arrivals, which shows only in later steps.
  const joins = firstDifference(namedJoins(recorded), namedJoins(replayed), 'joins');
  return joins === undefined ? [] : [{ kind: 'frontier', ...joins, detail: 'the arrivals at joins' }];
}

/** Arrivals by the name of their join. Its number is another if a join was added to the graph or removed. */
function namedJoins({ commit: { joins = {} }, graph }: Ahead): Value {
  const names = graph.edges.flatMap((edge) => (edge.kind === 'join' ? [`${edge.from.join(' + ')} → ${edge.to}`] : []));
  return Object.fromEntries(
    Object.entries(joins).map(([join, sources]) => [names[Number(join)] ?? join, sources as Value]),
  );
}

function* compareFrontiers(left: Ahead, right: Ahead): Generator<undefined, readonly AheadDifference[]> {
  const recorded = left.commit.frontier;
  const replayed = right.commit.frontier;
  const pairs = yield* pairInPieces(recorded, replayed);
  const found: AheadDifference[] = [];
  yield* inPieces(pairs, (pair) => {
    const one = pair.recorded === undefined ? undefined : recorded[pair.recorded];
    const other = pair.replayed === undefined ? undefined : replayed[pair.replayed];
    const path = `frontier[${pair.recorded ?? pair.replayed}]`;
    if (one === undefined || other === undefined)
      found.push({ kind: 'frontier', path, recorded: one as Value, replayed: other as Value });
    else {
      const difference = firstDifference(one.input, other.input, `${path}.input`);
      if (difference === undefined) return;
      if (isOwnFailure(one.input, left) && isOwnFailure(other.input, right) && isSameFailure(one.input, other.input))
        return;
      const rank = pair.recorded === undefined ? {} : { rank: pair.recorded };
      found.push({ kind: 'frontier', ...difference, detail: `sent to "${one.node}"`, ...rank });
    }
  });
  if (found.length > 0) return found;
  // The same tasks in a different order: their ranks changed.
  const moved = pairs.find((pair) => pair.recorded !== pair.replayed);
  if (moved === undefined) return [];
  const names = (tasks: readonly TaskSpec[]): Value => tasks.map(({ node }) => node);
  const detail = 'the order of the tasks';
  return [{ kind: 'frontier', path: 'frontier', recorded: names(recorded), replayed: names(replayed), detail }];
}

/** Whether an input is that of a node which takes the failure of another, and Reprise itself raised the error. */
function isOwnFailure(input: Value, { entries }: Ahead): boolean {
  if (!isRecordValue(input) || Object.keys(input).sort().join() !== 'attempts,code,message,node') return false;
  return entries.some((entry) => {
    if (entry.kind !== 'outcome' || entry.node !== input.node || entry.result.status === 'done') return false;
    const { error } = entry.result;
    return error instanceof Error && error.name === 'RepriseError' && error.message === input.message;
  });
}

/** The same but for the text. */
function isSameFailure(recorded: Value, replayed: Value): boolean {
  const { message: _before, ...left } = recorded as RecordValue;
  const { message: _now, ...right } = replayed as RecordValue;
  return sameValue(left, right);
}
