// One step: all tasks of the frontier, run side by side.
//   S1. A task that fails for good aborts the tasks of higher rank, and no other.
//   S2. The step ends when every task has ended; so a failed step ends with the failure of the lowest rank.
import type { Value } from '../../base/value.ts';
import type { Write } from '../../graph/field-writes.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { TaskSpec } from '../../journal/entry.ts';
import { stepOfTask, taskKey } from '../../journal/key.ts';
import type { StepKey, TaskKey } from '../../journal/key.ts';
import type { TaskWorld } from '../../port/world.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { failureInput } from '../rules/failure.ts';
import type { TaskEnd } from '../rules/plan.ts';
import type { RunCore } from '../run/run-parts.ts';
import { TaskRun } from './task-run.ts';
import type { TaskResult } from './task-run.ts';

export type StepEnd =
  | { readonly kind: 'ended'; readonly ends: readonly TaskEnd[]; readonly writes: readonly Write[] }
  | { readonly kind: 'failed'; readonly task: TaskKey; readonly node: string; readonly error: Value }
  | { readonly kind: 'aborted' };

export interface StepSetup {
  readonly core: RunCore;
  readonly graph: GraphSpec;
  readonly at: StepKey;
  readonly tasks: readonly TaskSpec[];
  readonly worlds: readonly TaskWorld[];
  readonly state: Value;
  readonly runInner: (
    attempt: Attempt,
    node: NodeSpec & { readonly kind: 'subgraph' },
    input: Value,
    state: Value,
  ) => Promise<unknown>;
}

export class StepRun {
  readonly #setup: StepSetup;
  readonly #runs: TaskRun[] = [];
  readonly #results: (TaskResult | undefined)[];
  #openCount: number;
  #failedRank = Number.POSITIVE_INFINITY;
  #abortReason: Error | undefined;
  #resolve: (end: StepEnd) => void = () => undefined;

  constructor(setup: StepSetup) {
    this.#setup = setup;
    this.#openCount = setup.tasks.length;
    this.#results = new Array(setup.tasks.length);
  }

  run(): Promise<StepEnd> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#setup.core.openSteps.add(this);
      for (let rank = 0; rank < this.#setup.tasks.length; rank += 1) this.#start(rank);
      this.#setup.core.activity.leave();
    });
  }

  #start(rank: number): void {
    const { core, graph, at, tasks, worlds, state, runInner } = this.#setup;
    const world = worlds[rank];
    if (this.#abortReason !== undefined || rank > this.#failedRank || world === undefined) {
      this.#ended(rank, { kind: 'aborted' });
      return;
    }
    const task = new TaskRun({
      core,
      graph,
      key: taskKey(at, rank),
      spec: tasks[rank] as TaskSpec,
      state,
      world,
      runInner: (attempt, node, input) => runInner(attempt, node, input, state),
      onEnd: (result) => this.#ended(rank, result),
    });
    this.#runs[rank] = task;
    task.start();
  }

  #ended(rank: number, result: TaskResult): void {
    this.#results[rank] = result;
    if (result.kind === 'failed' && !this.#isHandled(rank, result.error) && rank < this.#failedRank) {
      this.#failedRank = rank;
      this.#abortAbove(rank, new Error(`task ${taskKey(this.#setup.at, rank)} of a lower rank failed`));
    }
    // Behind those that it aborted: the step finishes once, with the last one.
    this.#openCount -= 1;
    if (this.#openCount === 0) this.#finish();
  }

  #abortAbove(rank: number, reason: Error): void {
    for (let above = rank + 1; above < this.#runs.length; above += 1) this.#runs[above]?.abort(reason);
  }

  abort(reason: Error): void {
    if (this.#abortReason !== undefined || this.#openCount === 0) return;
    this.#abortReason = reason;
    this.#abortAbove(-1, reason);
  }

  endIfFailed(): boolean {
    if (this.#failedRank === Number.POSITIVE_INFINITY || this.#openCount === 0) return false;
    this.#abortAbove(-1, new Error('another task of the step failed'));
    return true;
  }

  #finish(): void {
    this.#setup.core.activity.enter();
    this.#setup.core.openSteps.delete(this);
    const isCut = this.#abortReason !== undefined || this.#setup.worlds.length < this.#setup.tasks.length;
    const failed = this.#failedRank < Number.POSITIVE_INFINITY;
    if (!isCut && !failed) {
      this.#resolve(this.#collect());
      return;
    }
    const { core, at } = this.#setup;
    core.lingering.after(
      (attempt) => stepOfTask(attempt.task) === at,
      () => this.#resolve(failed && this.#abortReason === undefined ? this.#failure() : { kind: 'aborted' }),
    );
  }

  #failure(): StepEnd {
    const rank = this.#failedRank;
    const result = this.#results[rank] as TaskResult & { readonly kind: 'failed' };
    return { kind: 'failed', task: taskKey(this.#setup.at, rank), node: this.#nodeOf(rank), error: result.error };
  }

  #collect(): StepEnd {
    const ends: TaskEnd[] = [];
    const writes: Write[] = [];
    for (const [rank, result] of this.#results.entries()) {
      const node = this.#nodeOf(rank);
      if (result?.kind === 'done') {
        const { delta, routes } = result.result;
        ends.push({ kind: 'done', node, ...(routes === undefined ? {} : { routes }) });
        if (delta !== undefined) writes.push({ task: taskKey(this.#setup.at, rank), node, delta });
      } else if (result?.kind === 'failed') {
        const handler = this.#handlerOf(rank) as string;
        ends.push({ kind: 'handled', node, handler, failure: failureInput(node, result.error, result.attempts) });
      }
    }
    return { kind: 'ended', ends, writes };
  }

  #nodeOf(rank: number): string {
    return (this.#setup.tasks[rank] as TaskSpec).node;
  }

  #isHandled(rank: number, error: Value): boolean {
    return this.#handlerOf(rank) !== undefined && !this.#setup.core.limitErrors.has(error as object);
  }

  #handlerOf(rank: number): string | undefined {
    return this.#setup.graph.nodes.get(this.#nodeOf(rank))?.policy.onError;
  }
}
