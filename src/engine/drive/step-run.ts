// One step: all tasks of the frontier, run side by side.
//   S1. A task that fails for good stops the tasks of higher rank and no others.
//   S2. The step ends when every task has ended. So a failed step ends with the failure of the lowest rank.
//   S3. A step counts as ended only if each of its tasks is done, or has failed and is handled.
import { assert } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import type { Write } from '../../graph/merge/field-writes.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { TaskSpec } from '../../journal/entry.ts';
import { taskKey } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import type { TaskWorld } from '../../port/world.ts';
import type { InnerRun } from '../attempt/attempt.ts';
import { failureInput, isInDoubt } from '../rules/failure.ts';
import type { TaskEnd } from '../rules/plan.ts';
import type { OpenStep } from '../run/rest-watch.ts';
import type { RunParts } from '../run/run-parts.ts';
import { stopDropped } from './dropped-attempt.ts';
import { TaskRun } from './task-run.ts';
import type { SubgraphNode, TaskResult, TaskStep } from './task-step.ts';

/** How a step ended. */
export type StepResult =
  | { readonly kind: 'ended'; readonly ends: readonly TaskEnd[]; readonly writes: readonly Write[] }
  | { readonly kind: 'failed'; readonly task: TaskKey; readonly node: string; readonly error: Value }
  | { readonly kind: 'stopped' };

/** The scope that a step belongs to. */
export interface StepScope {
  readonly parts: RunParts;
  readonly graph: GraphSpec;
  innerRun(at: AttemptKey, node: SubgraphNode, payload: Value, state: Value): InnerRun;
}

export interface StepSetup {
  readonly at: StepKey;
  /** In rank order. */
  readonly tasks: readonly TaskSpec[];
  /** For each task that runs. If the recorded step was cut short, there are fewer than tasks. */
  readonly worlds: readonly TaskWorld[];
  readonly state: Value;
}

/** So many start well within a millisecond. */
const tasksAPiece = 128;

export class StepRun implements TaskStep, OpenStep {
  readonly #scope: StepScope;
  readonly #setup: StepSetup;
  readonly #runs: TaskRun[] = [];
  readonly #results: (TaskResult | undefined)[];
  #openCount: number;
  #failedRank = Number.POSITIVE_INFINITY;
  #stopReason: Error | undefined;
  #resolve: (result: StepResult) => void = () => undefined;

  constructor(scope: StepScope, setup: StepSetup) {
    this.#scope = scope;
    this.#setup = setup;
    this.#openCount = setup.tasks.length;
    this.#results = new Array(setup.tasks.length);
  }

  get parts(): RunParts {
    return this.#scope.parts;
  }
  get graph(): GraphSpec {
    return this.#scope.graph;
  }
  get state(): Value {
    return this.#setup.state;
  }

  innerRun(at: AttemptKey, node: SubgraphNode, payload: Value): InnerRun {
    return this.#scope.innerRun(at, node, payload, this.#setup.state);
  }

  run(): Promise<StepResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.parts.rest.openStep(this);
      this.#startFrom(0);
    });
  }

  /**
   * In rank order, and as many in a turn of the event loop as it has time for. `dueSince`: the place at which the rest became
   * due, if they have waited for a later turn.
   */
  #startFrom(first: number, dueSince?: number): void {
    const { pace, rest, order } = this.parts;
    for (let rank = first; rank < this.#setup.tasks.length; rank += 1) {
      if (rank > first && rank % tasksAPiece === 0 && pace.isTurnOver()) {
        // One stands for all of them.
        const place = order.attempts.due(1);
        pace.inLaterTurn(() => {
          order.attempts.giveUp(1);
          this.#startFrom(rank, dueSince ?? place);
        });
        return;
      }
      this.#start(rank, dueSince);
    }
    rest.leave();
  }

  #start(rank: number, dueSince: number | undefined): void {
    const { at, tasks, worlds } = this.#setup;
    const world = worlds[rank];
    const stopped = this.#stopOf(rank);
    if (stopped !== undefined) stopDropped(world, 0, stopped, this.parts);
    const hasToCleanUp = world?.stopping !== undefined && !this.parts.stop.isLetGo;
    if (world === undefined || (stopped !== undefined && !hasToCleanUp)) {
      this.taskEnded(rank, { kind: 'stopped' });
      return;
    }
    const task = new TaskRun(this, rank, taskKey(at, rank), tasks[rank] as TaskSpec, world);
    this.#runs[rank] = task;
    task.start(dueSince);
    if (stopped !== undefined) task.stop(stopped);
  }

  /** Why a task is stopped before it starts. */
  #stopOf(rank: number): Error | undefined {
    if (rank <= this.#failedRank) return this.#stopReason;
    return this.#stopReason ?? new Error('a task of a lower rank failed');
  }

  get isCleaningUp(): boolean {
    return this.#runs.some((task) => task?.isCleaningUp);
  }

  taskEnded(rank: number, result: TaskResult): void {
    assert(this.#results[rank] === undefined, 'S2: a task ends once');
    this.#results[rank] = result;
    if (result.kind === 'failed' && !this.#isHandled(rank, result.error) && rank < this.#failedRank) {
      const stoppedFrom = this.#failedRank;
      this.#failedRank = rank;
      // Tasks above one that had failed are stopped already.
      this.#stopAbove(rank, stoppedFrom, new Error(`task ${taskKey(this.#setup.at, rank)} of a lower rank failed`));
    }
    // After the tasks that it stopped, so that the step finishes exactly once.
    this.#openCount -= 1;
    if (this.#openCount === 0) this.#finish();
  }

  #stopAbove(rank: number, before: number, reason: Error): void {
    const end = Math.min(before, this.#runs.length);
    for (let above = rank + 1; above < end; above += 1) this.#runs[above]?.stop(reason);
  }

  stop(reason: Error): void {
    // What is stopped already may be let go of while it cleans up.
    const isStopped = this.#stopReason !== undefined && !this.parts.stop.isLetGo;
    if (isStopped || this.#openCount === 0) return;
    this.#stopReason = reason;
    this.#stopAbove(-1, this.#runs.length, reason);
  }

  endIfFailed(): boolean {
    if (this.#failedRank === Number.POSITIVE_INFINITY || this.#openCount === 0) return false;
    this.#stopAbove(-1, this.#runs.length, new Error('another task of the step failed'));
    return true;
  }

  #finish(): void {
    const { rest, lingering } = this.parts;
    rest.enter();
    rest.closeStep(this);
    const isCutShort = this.#stopReason !== undefined || this.#setup.worlds.length < this.#setup.tasks.length;
    const failed = this.#failedRank < Number.POSITIVE_INFINITY;
    if (!isCutShort && !failed) {
      this.#resolve(this.#collect());
      return;
    }
    lingering.after(this.#setup.at, () =>
      this.#resolve(failed && this.#stopReason === undefined ? this.#failure() : { kind: 'stopped' }),
    );
  }

  #failure(): StepResult {
    const rank = this.#failedRank;
    const result = this.#results[rank];
    assert(result?.kind === 'failed', 'S2: a failed step ends with the failure of a task');
    return { kind: 'failed', task: taskKey(this.#setup.at, rank), node: this.#nodeOf(rank), error: result.error };
  }

  #collect(): StepResult {
    const ends: TaskEnd[] = [];
    const writes: Write[] = [];
    for (let rank = 0; rank < this.#results.length; rank += 1) {
      const result = this.#results[rank];
      const node = this.#nodeOf(rank);
      if (result?.kind === 'done') {
        const { delta, routes } = result.result;
        ends.push({ kind: 'done', node, ...(routes === undefined ? {} : { routes }) });
        if (delta !== undefined) writes.push({ task: taskKey(this.#setup.at, rank), node, delta });
      } else {
        const handler = this.#handlerOf(rank);
        assert(result?.kind === 'failed' && handler !== undefined, 'S3: each task is done or its failure is handled');
        ends.push({ kind: 'handled', node, handler, failure: failureInput(node, result.error, result.attempts) });
      }
    }
    return { kind: 'ended', ends, writes };
  }

  #nodeOf(rank: number): string {
    return (this.#setup.tasks[rank] as TaskSpec).node;
  }

  #isHandled(rank: number, error: Value): boolean {
    return this.#handlerOf(rank) !== undefined && !this.parts.limits.has(error) && !isInDoubt(error);
  }

  #handlerOf(rank: number): string | undefined {
    const world = this.#setup.worlds[rank];
    const node = world?.standIn ?? this.graph.nodes.get(this.#nodeOf(rank));
    return node?.policy.onError ?? world?.handler;
  }
}
