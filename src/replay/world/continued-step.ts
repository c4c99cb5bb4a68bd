// What a lenient replay continues with after a step that came out otherwise.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import type { CommitEntry } from '../../journal/entry.ts';
import type { StepResult } from '../../port/world.ts';
import type { GraphPair } from '../recorded/graph-pair.ts';

interface RecordedStep {
  readonly recorded: CommitEntry;
  /** After the recorded step, as it fits today's graph. */
  readonly state: Value;
  readonly graphs: GraphPair;
}

/** Undefined if the step came out as recorded. */
export function continuedStep(
  step: StepResult,
  { recorded, state, graphs }: RecordedStep,
): { readonly kept: StepResult; readonly computed: StepResult } | undefined {
  const { at } = step.commit;
  const { joins: before, ...rest } = recorded;
  const joins = graphs.joinsToday(before);
  const commit = { ...rest, at, ...(joins === undefined ? {} : { joins }), observed: step.commit.observed };
  const frontier = graphs.ownTasks(step.commit.frontier);
  const isSame =
    sameValue(state, step.state) &&
    sameValue(commit.frontier as never, frontier as never) &&
    sameValue(joins as never, step.commit.joins as never);
  if (isSame) return undefined;
  return { kept: { state, commit }, computed: { state: step.state, commit: { ...step.commit, frontier } } };
}
