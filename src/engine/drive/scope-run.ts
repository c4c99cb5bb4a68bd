// A scope: the run itself, or the inner run of an attempt of a subgraph. Runs step by step until its frontier is empty.
//   C1. All tasks of a step see the same state; deltas are merged in rank order; predicates see the merged state.
//   C2. A step is committed whole or not at all.
//   C3. The commit is in the store before the next step begins.
//   C4. Steps are committed in order, without a gap.
import { assert } from '../../base/assert.ts';
import { RepriseError } from '../../base/error.ts';
import { canonicalValue } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { mergeStep, patchOf } from '../../graph/merge/merge-step.ts';
import type { GraphSpec } from '../../graph/spec.ts';
import type { RunCheckpoint } from '../../journal/run/checkpoint.ts';
import { breakpointAt, ranNodes } from '../../journal/run/breakpoints.ts';
import type { CommitEntry, EditEntry, RunEnd } from '../../journal/entry.ts';
import { applyPatch } from '../../journal/fold/patch.ts';
import { rootScope, stepKey, taskKey } from '../../journal/key.ts';
import type { AttemptKey, ScopeKey, StepKey, TaskKey } from '../../journal/key.ts';
import { inThisTurnOrLater } from '../../port/in-turns.ts';
import type { InnerRun } from '../attempt/attempt.ts';
import { errorValue, stepError } from '../rules/failure.ts';
import { initialState } from '../rules/initial-state.ts';
import { noProgress, planNext } from '../rules/plan.ts';
import { reachedLimit } from '../rules/run-limits.ts';
import { innerInput, outerDelta } from '../rules/subgraph-mapping.ts';
import type { RunParts } from '../run/run-parts.ts';
import { StepRun } from './step-run.ts';
import type { StepResult, StepScope } from './step-run.ts';
import type { SubgraphNode } from './task-step.ts';

export type ScopeEnd =
  | { readonly kind: 'done'; readonly state: Value }
  | { readonly kind: 'failed'; readonly error: Value; readonly task?: TaskKey; readonly node?: string }
  /** Stopped from outside: by a failure elsewhere, a timeout, a cancel or a limit. */
  | { readonly kind: 'stopped' };

/**
 * The fold of a scope up to a commit. The step count includes the steps of inner runs and, before them, those of the
 * scopes around it. Siblings do not count: their progress is nondeterministic.
 */
export type ScopeCheckpoint = Omit<RunCheckpoint, 'run'>;

type ComputedStep =
  | { readonly kind: 'done'; readonly state: Value; readonly commit: CommitEntry }
  | { readonly kind: 'failed'; readonly error: Value };

export class ScopeRun implements StepScope {
  readonly parts: RunParts;
  readonly graph: GraphSpec;
  readonly #scope: ScopeKey;
  #checkpoint: ScopeCheckpoint;
  #step: StepRun | undefined;
  #stopReason: Error | undefined;
  /** The number of steps in inner runs of the open step. */
  #innerStepCount = 0;

  constructor(parts: RunParts, graph: GraphSpec, scope: ScopeKey, checkpoint: ScopeCheckpoint) {
    this.parts = parts;
    this.graph = graph;
    this.#scope = scope;
    this.#checkpoint = checkpoint;
  }

  get checkpoint(): ScopeCheckpoint {
    return this.#checkpoint;
  }

  stop(reason: Error): void {
    this.#stopReason = reason;
    // A step that is committed already is gone through again, since the way to what is left to clean up leads through it.
    if (this.#leftToCleanUp !== 'later') this.#step?.stop(reason);
  }

  async run(): Promise<ScopeEnd> {
    for (;;) {
      if (this.#stopReason !== undefined && this.#leftToCleanUp === undefined) return { kind: 'stopped' };
      const { frontier, joins, state } = this.#checkpoint;
      if (this.#isRoot && breakpointAt(this.parts.run, this.#checkpoint) !== undefined) {
        this.parts.stop.pause();
        return { kind: 'stopped' };
      }
      if (frontier.length === 0) {
        const stopped = this.#isRoot ? this.parts.world.stoppedBehindLast?.() : undefined;
        if (stopped !== undefined) return this.#endAsRecorded(stopped);
        const stuck = noProgress(this.graph, joins);
        return stuck === undefined ? { kind: 'done', state } : { kind: 'failed', error: errorValue(stuck, undefined) };
      }
      const result = await this.#runStep();
      if (result.kind === 'failed') return this.#failed(result);
      if (result.kind === 'stopped') return { kind: 'stopped' };
      // Before what takes longest.
      const pause = this.parts.pace.pause();
      if (pause !== undefined) await pause;
      const failure = this.#commit(result);
      if (failure !== undefined) return { kind: 'failed', error: failure };
      const durable = this.#isRoot ? this.#writeCommit() : this.parts.journal.ready();
      if (durable !== undefined) await durable;
    }
  }

  get isCleaningUp(): boolean {
    return this.#step?.isCleaningUp === true || (this.#stopReason !== undefined && this.#leftToCleanUp !== undefined);
  }

  /** Where a scope that is stopped may not end yet, since an attempt of it has still to clean up. */
  get #leftToCleanUp(): 'here' | 'later' | undefined {
    const { world, stop } = this.parts;
    const isAbrupt = stop.current?.kind === 'ended' && stop.current.isAbrupt === true;
    if (stop.isLetGo || isAbrupt) return undefined;
    return world.leftToCleanUp?.(stepKey(this.#scope, this.#checkpoint.step + 1));
  }

  get #isRoot(): boolean {
    return this.#scope === rootScope;
  }

  #writeCommit(): Promise<void> | undefined {
    const { journal, run } = this.parts;
    const written = journal.flush(() => ({ run, ...this.#checkpoint }));
    const dropped = written === undefined ? journal.dropChunks() : written.then(() => journal.dropChunks());
    if (dropped !== undefined) return dropped.then(() => this.#forgetStep());
    this.#forgetStep();
    return undefined;
  }

  #forgetStep(): void {
    const { journal, history, errands, runId } = this.parts;
    history.clear();
    journal.stepCommitted();
    errands?.stepCommitted(runId);
  }

  /** A limit that an inner run reached ends the whole run, provided that no task of lower rank has failed. */
  #failed({ error, task, node }: StepResult & { readonly kind: 'failed' }): ScopeEnd {
    if (!this.parts.limits.has(error) || !this.#isRoot) return { kind: 'failed', error, task, node };
    this.parts.stop.end({ status: 'failed', error }, error as Error);
    return { kind: 'stopped' };
  }

  #runStep(): Promise<StepResult> {
    const { settings, limits, world, pace } = this.parts;
    const { step, frontier, stepCount } = this.#checkpoint;
    const at = stepKey(this.#scope, step + 1);
    const limit = reachedLimit(settings, stepCount, frontier.length);
    if (limit !== undefined) {
      const error = errorValue(limit, undefined);
      limits.add(error);
      return Promise.resolve({ kind: 'failed', error, task: taskKey(at, 0), node: '' });
    }
    const work = this.#isRoot ? world.readyStep?.(at, frontier) : undefined;
    const ready = work === undefined ? undefined : inThisTurnOrLater(pace, work);
    return ready === undefined ? this.#begin(at) : ready.then(() => this.#begin(at));
  }

  #begin(at: StepKey): Promise<StepResult> {
    if (this.#stopReason !== undefined && this.#leftToCleanUp === undefined)
      return Promise.resolve({ kind: 'stopped' });
    const plan = this.parts.world.openStep(at, this.#checkpoint.frontier);
    if (plan.kind === 'end') return Promise.resolve(this.#endAsRecorded(plan.end));
    if (this.#isRoot) this.parts.order.openStep(plan.order);
    for (const edit of plan.edits ?? []) this.#edit(edit);
    const { state, frontier } = this.#checkpoint;
    this.#step = new StepRun(this, { at, tasks: frontier, worlds: plan.tasks, state });
    if (this.#stopReason !== undefined && this.#leftToCleanUp === 'here') this.#step.stop(this.#stopReason);
    return this.#step.run();
  }

  #endAsRecorded(end: RunEnd): { readonly kind: 'stopped' } {
    this.parts.stop.end(end, new Error('the run ends here'));
    return { kind: 'stopped' };
  }

  /** The recorded state was edited before this step, so it is edited here as well. */
  #edit(edit: EditEntry): void {
    this.parts.journal.add(edit);
    if (edit.seed !== undefined) this.parts.seed.change(edit.seed);
    this.#checkpoint = { ...this.#checkpoint, state: applyPatch(this.#checkpoint.state, edit.patch) };
  }

  /** Returns the error of a merge or a plan that failed. The step is not committed then. */
  #commit(result: StepResult & { readonly kind: 'ended' }): Value | undefined {
    const { world, journal, notes, run, endedInnerSteps } = this.parts;
    const { step, frontier: tasks, stepCount } = this.#checkpoint;
    const computed = this.#computed(result);
    if (computed.kind === 'failed') return computed.error;
    const { state, commit } = world.closeStep(computed);
    assert(commit.at === computed.commit.at, 'C4: the commit is that of the step which ran');
    if (this.#isRoot) notes.stepEnds(commit.at);
    journal.add(commit);
    this.#innerStepCount += endedInnerSteps.get(commit.at) ?? 0;
    const ran = ranNodes(run.observed.terms, tasks);
    this.#checkpoint = {
      step: step + 1,
      state,
      frontier: commit.frontier,
      ...(ran === undefined ? {} : { ran }),
      ...(commit.joins === undefined ? {} : { joins: commit.joins }),
      stepCount: stepCount + 1 + this.#innerStepCount,
    };
    this.#innerStepCount = 0;
    return undefined;
  }

  /** Computes the commit. Merges and predicates run user code, which may fail. */
  #computed({ ends, writes }: StepResult & { readonly kind: 'ended' }): ComputedStep {
    const { step, state: before, joins } = this.#checkpoint;
    try {
      const { state } = mergeStep(this.graph.state, before, writes);
      const deltas = writes.map((write) => write.delta);
      const patch = patchOf(this.graph.state, before, deltas, state);
      const plan = planNext(this.graph, state, ends, joins);
      const commit: CommitEntry = {
        kind: 'commit',
        at: stepKey(this.#scope, step + 1),
        frontier: plan.frontier,
        ...(plan.joins === undefined ? {} : { joins: plan.joins }),
        ...(patch === undefined ? {} : { patch }),
        observed: { time: this.parts.clock.now() },
      };
      return { kind: 'done', state, commit };
    } catch (thrown) {
      if (!(thrown instanceof RepriseError)) throw thrown;
      return { kind: 'failed', error: stepError(thrown, this.parts) };
    }
  }

  /** The inner run of a subgraph's attempt. */
  innerRun(at: AttemptKey, node: SubgraphNode, payload: Value, state: Value): InnerRun {
    let inner: ScopeRun | undefined;
    let stopReason: Error | undefined;
    return {
      run: async () => {
        assert(inner === undefined, 'an attempt has one inner run');
        inner = this.#beginInner(at, node, payload, state);
        // The function that makes the input is the user's, and may cause a stop.
        if (stopReason !== undefined) inner.stop(stopReason);
        const end = await inner.run();
        this.#innerStepCount += inner.checkpoint.stepCount - this.#checkpoint.stepCount;
        if (end.kind === 'failed') throw end.error;
        return end.kind === 'stopped' ? undefined : { delta: outerDelta(node, end.state) };
      },
      stop: (reason) => {
        stopReason = reason;
        inner?.stop(reason);
      },
      isCleaningUp: () => inner?.isCleaningUp === true,
    };
  }

  #beginInner(at: AttemptKey, node: SubgraphNode, payload: Value, state: Value): ScopeRun {
    const { journal, clock, settings } = this.parts;
    const given = innerInput(node, state, payload);
    const first = initialState(node.graph, canonicalValue(given, `the input of subgraph "${node.name}"`, settings));
    journal.add({ ...first.commit, at: stepKey(at, 0), observed: { time: clock.now() } });
    const { stepCount } = this.#checkpoint;
    return new ScopeRun(this.parts, node.graph, at, {
      step: 0,
      state: first.state,
      frontier: first.commit.frontier,
      stepCount,
    });
  }
}
