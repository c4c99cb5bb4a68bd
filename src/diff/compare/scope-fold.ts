// Folds one scope of a recorded run, the run itself or an inner run, step by step into its state and its frontier.
import { inPieces } from '../../base/in-pieces.ts';
import type { Value } from '../../base/value.ts';
import type { GraphDescription } from '../../journal/description.ts';
import type { AttemptResult, CommitEntry, EditEntry, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, stepKey, taskKey } from '../../journal/key.ts';
import type { ScopeKey, StepKey, TaskKey } from '../../journal/key.ts';
import { StateFold } from '../../journal/fold/state-fold.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { StateChange } from './compare-state.ts';

/** A task that wrote to the state. */
export interface Writer {
  readonly task: TaskKey;
  readonly node: string;
  readonly delta: Value;
}

export interface StepChange extends StateChange {
  readonly writers: readonly Writer[];
}

export class ScopeFold {
  readonly scope: ScopeKey;
  graph: GraphDescription;
  frontier: readonly TaskSpec[] = [];
  readonly #states: StateFold;
  /** The step whose commit comes next. */
  step = 0;

  constructor(scope: ScopeKey, graph: GraphDescription) {
    this.scope = scope;
    this.graph = graph;
    this.#states = new StateFold(graph.state);
  }

  get at(): StepKey {
    return stepKey(this.scope, this.step);
  }

  /** The commit of the next step, if it has one. */
  commitIn(index: StepIndex): CommitEntry | undefined {
    return index.commit(this.at);
  }

  /** Advances past that commit, and returns what the step did to the state. */
  *advance(index: StepIndex, { input, patch, frontier }: CommitEntry): Generator<undefined, StepChange> {
    const writers = this.step === 0 ? [] : yield* this.#writers(index);
    const deltas = this.step === 0 ? [input] : writers.map(({ delta }) => delta);
    if (this.step === 0) this.#states.begin(input, patch);
    else this.#states.commit(deltas, patch);
    this.frontier = frontier;
    this.step += 1;
    return { writers, deltas, patch };
  }

  /** Advances past a commit that needs no comparison, given what the tasks of its step wrote. */
  pass({ patch, frontier }: CommitEntry, deltas: readonly Value[]): void {
    this.#states.commit(deltas, patch);
    this.frontier = frontier;
    this.step += 1;
  }

  /** Applies an edit of the state from outside the run. */
  edit(edit: EditEntry): void {
    this.#states.edit(edit);
    if (edit.graph !== undefined) this.graph = edit.graph;
  }

  /** The state after the last commit. */
  get state(): Value {
    return this.#states.state;
  }

  *#writers(index: StepIndex): Generator<undefined, readonly Writer[]> {
    const writers: Writer[] = [];
    yield* inPieces(this.frontier, ({ node }, rank) => {
      const task = taskKey(this.at, rank);
      const result = lastResult(index, task);
      if (result?.status === 'done' && result.delta !== undefined) writers.push({ task, node, delta: result.delta });
    });
    return writers;
  }
}

/** The result of a task: that of its last attempt. */
function lastResult(index: StepIndex, task: TaskKey): AttemptResult | undefined {
  let result: AttemptResult | undefined;
  for (let number = 1; ; number += 1) {
    const attempt = index.attempt(attemptKey(task, number));
    if (attempt === undefined) return result;
    result = attempt.outcome?.result ?? result;
  }
}
