// The state after a step of an inner run, from the entries of the step of the run that it belongs to. No user code.
import { atOnce } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type { Entry, TaskSpec } from '../../journal/entry.ts';
import { rankOfTask, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey } from '../../journal/key.ts';
import { StepIndex } from '../../journal/step/step-index.ts';
import { ScopeFold } from './scope-fold.ts';

export interface OpenedStep {
  readonly graph: GraphDescription;
  /** The tasks of the step. */
  readonly frontier: readonly TaskSpec[];
  readonly entries: readonly Entry[];
}

/** Undefined if the inner step was not committed. */
export function innerState(step: OpenedStep, key: StepKey): { readonly state: Value } | undefined {
  const index = StepIndex.of(step.entries);
  let { graph, frontier } = step;
  let state: Value;
  // The attempts from the outermost inwards, each with the place of the next part of the key.
  for (let end = key.indexOf('/'); end > 0; end = key.indexOf('/', end + 1)) {
    const scope = key.slice(0, end) as AttemptKey;
    const node = frontier[rankOfTask(taskOfAttempt(scope))]?.node;
    const inner = graph.nodes.find(({ name }) => name === node)?.subgraph;
    if (inner === undefined) return undefined;
    const fold = new ScopeFold(scope, inner);
    const rest = key.slice(end + 1);
    // A task runs in the step after the commit that planned it.
    const last = Number.parseInt(rest, 10) - (/^\d+$/.test(rest) ? 0 : 1);
    while (fold.step <= last) {
      const commit = fold.commitIn(index);
      if (commit === undefined) return undefined;
      atOnce(fold.advance(index, commit));
    }
    ({ frontier, graph, state } = fold);
  }
  return { state };
}
