// A scope: the run itself, or the inner run of a subgraph's attempt. It goes step by step until its frontier is empty.
//   C1. All tasks of a step see the same state; deltas are merged in rank order; predicates see the merged state.
//   C2. A step is committed whole or not at all.
//   C3. The commit is in the store before the next step begins.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue, ownView } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { mergeStep, patchOf } from '../../graph/merge-step.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { RunCheckpoint } from '../../journal/checkpoint.ts';
import type { CommitEntry, EditEntry, JoinArrivals, TaskSpec } from '../../journal/entry.ts';
import { stepKey, taskKey } from '../../journal/key.ts';
import { applyPatch } from '../../journal/fold/patch.ts';
import type { ScopeKey, TaskKey } from '../../journal/key.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { errorValue } from '../rules/failure.ts';
import { initialState } from '../rules/initial-state.ts';
import { noProgress, planNext } from '../rules/plan.ts';
import type { RunCore } from '../run/run-parts.ts';
import { StepRun } from './step-run.ts';
import type { StepEnd } from './step-run.ts';

export type ScopeEnd =
  | { readonly kind: 'done'; readonly state: Value }
  | { readonly kind: 'failed'; readonly error: Value; readonly task?: TaskKey; readonly node?: string }
  /** Stopped from outside: by a failure elsewhere, a timeout, a cancel, a limit. */
  | { readonly kind: 'stopped' };

/** Where a scope stands after a commit: enough to go on from. */
export interface Position {
  readonly step: number;
  readonly state: Value;
  readonly frontier: readonly TaskSpec[];
  readonly joins: JoinArrivals | undefined;
  /**
   * How many steps led here: those of this scope and of the inner runs in them, and before them those of the scopes
   * around it. Siblings do not count, since how far they are is a matter of time.
   */
  readonly stepCount: number;
}

export class ScopeRun {
  readonly #core: RunCore;
  readonly #graph: GraphSpec;
  readonly #scope: ScopeKey;
  #position: Position;
  #step: StepRun | undefined;
  #stopReason: Error | undefined;
  /** Steps of the inner runs of the step that is under way. */
  #innerStepCount = 0;
  /** The tasks of the step that was committed last by this process. */
  #ran: readonly TaskSpec[] | undefined;

  constructor(core: RunCore, graph: GraphSpec, scope: ScopeKey, position: Position) {
    this.#core = core;
    this.#graph = graph;
    this.#scope = scope;
    this.#position = position;
  }

  get position(): Position {
    return this.#position;
  }

  stop(reason: Error): void {
    this.#stopReason = reason;
    this.#step?.abort(reason);
  }

  async run(): Promise<ScopeEnd> {
    for (;;) {
      if (this.#stopReason !== undefined) return { kind: 'stopped' };
      const { frontier, joins, state } = this.#position;
      if (this.#isAtBreakpoint(frontier)) {
        this.#core.pause();
        return { kind: 'stopped' };
      }
      if (frontier.length === 0) {
        const stuck = noProgress(this.#graph, joins);
        return stuck === undefined ? { kind: 'done', state } : { kind: 'failed', error: errorValue(stuck, undefined) };
      }
      const end = await this.#runStep();
      if (end.kind === 'failed') return this.#failed(end);
      if (end.kind === 'aborted') return { kind: 'stopped' };
      const failure = this.#commit(end);
      if (failure !== undefined) return { kind: 'failed', error: failure };
      const durable = this.#scope === '' ? this.#core.flush(() => this.#checkpoint()) : this.#core.ready();
      if (durable !== undefined) await durable;
      if (this.#scope === '') {
        const dropped = this.#core.dropChunks();
        if (dropped !== undefined) await dropped;
        this.#core.committed();
        this.#reported();
      }
    }
  }

  #checkpoint(): RunCheckpoint {
    const { step, state, frontier, joins, stepCount } = this.#position;
    return { run: this.#core.run, step, state, frontier, ...(joins === undefined ? {} : { joins }), stepCount };
  }

  /** Nobody pauses twice at one place: not before the step that a run begins or goes on with. */
  #isAtBreakpoint(frontier: readonly TaskSpec[]): boolean {
    const { before, after } = this.#core.breakpoints;
    const ran = this.#ran;
    if (this.#scope !== '' || ran === undefined || frontier.length === 0) return false;
    return frontier.some(({ node }) => before.has(node)) || ran.some(({ node }) => after.has(node));
  }

  /** A limit that an inner run has reached is the end of the whole run, once no task of lower rank has failed. */
  #failed(end: StepEnd & { readonly kind: 'failed' }): ScopeEnd {
    const { error, task, node } = end;
    const isLimit = this.#core.limitErrors.has(error as object);
    if (!isLimit || this.#scope !== '') return { kind: 'failed', error, task, node };
    this.#core.cutWith({ kind: 'end', end: { status: 'failed', error } }, error as Error);
    return { kind: 'stopped' };
  }

  #runStep(): Promise<StepEnd> {
    const core = this.#core;
    const { step, frontier, stepCount } = this.#position;
    const limit = reachedLimit(core, stepCount, frontier.length);
    if (limit !== undefined) {
      const error = errorValue(limit, undefined);
      core.limitErrors.add(error as object);
      return Promise.resolve({ kind: 'failed', error, task: taskKey(stepKey(this.#scope, step + 1), 0), node: '' });
    }
    const at = stepKey(this.#scope, step + 1);
    const plan = core.world.openStep(at, frontier);
    if (plan.kind === 'end') {
      core.cutWith({ kind: 'end', end: plan.end }, new Error('the run ends here'));
      return Promise.resolve({ kind: 'aborted' });
    }
    for (const edit of plan.edits ?? []) this.#edit(edit);
    const { state } = this.#position;
    this.#step = new StepRun({
      core,
      graph: this.#graph,
      at,
      tasks: frontier,
      worlds: plan.tasks,
      state,
      runInner: (attempt, node, input, before) => this.#runInner(attempt, node, input, before),
    });
    return this.#step.run();
  }

  /** Somebody changed the state before this step: so it is in the journal, and here. */
  #edit(edit: EditEntry): void {
    this.#core.add(edit);
    this.#position = { ...this.#position, state: applyPatch(this.#position.state, edit.patch) };
  }

  #commit(end: StepEnd & { readonly kind: 'ended' }): Value | undefined {
    const core = this.#core;
    const { step, state: before, joins, frontier: ran } = this.#position;
    try {
      const { state } = mergeStep(this.#graph.state, before, end.writes);
      const deltas = end.writes.map((write) => write.delta);
      const patch = patchOf(this.#graph.state, before, deltas, state);
      const plan = planNext(this.#graph, state, end.ends, joins);
      const computed: CommitEntry = {
        kind: 'commit',
        at: stepKey(this.#scope, step + 1),
        frontier: plan.frontier,
        ...(plan.joins === undefined ? {} : { joins: plan.joins }),
        ...(patch === undefined ? {} : { patch }),
        observed: { time: core.clock.now() },
      };
      const closed = core.world.closeStep({ state, commit: computed });
      core.add(closed.commit);
      this.#innerStepCount += core.endedInnerSteps?.get(computed.at) ?? 0;
      this.#position = {
        step: step + 1,
        state: closed.state,
        frontier: closed.commit.frontier,
        joins: closed.commit.joins,
        stepCount: this.#position.stepCount + 1 + this.#innerStepCount,
      };
      this.#innerStepCount = 0;
      this.#ran = ran;
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof RepriseError)) throw thrown;
      return errorValue(thrown, undefined);
    }
  }

  #reported(): void {
    const { events, doneAttempts } = this.#core;
    if (events === undefined || doneAttempts === undefined) return;
    events.committed(doneAttempts);
    doneAttempts.clear();
  }

  async #runInner(
    attempt: Attempt,
    node: NodeSpec & { readonly kind: 'subgraph' },
    payload: Value,
    state: Value,
  ): Promise<unknown> {
    const core = this.#core;
    const given = mapped(node.name, 'input', () =>
      node.input(ownView(state) as never, Object.freeze({ input: ownView(payload) }) as never),
    );
    const first = initialState(node.graph, canonicalValue(given, `the input of subgraph "${node.name}"`, core.limits));
    core.add({ ...first.commit, at: stepKey(attempt.at, 0), observed: { time: core.clock.now() } });
    const inner = new ScopeRun(core, node.graph, attempt.at, {
      step: 0,
      state: first.state,
      frontier: first.commit.frontier,
      joins: undefined,
      stepCount: this.#position.stepCount,
    });
    attempt.onAbort = (reason) => inner.stop(reason);
    const end = await inner.run();
    this.#innerStepCount += inner.position.stepCount - this.#position.stepCount;
    if (end.kind === 'failed') throw end.error;
    if (end.kind === 'stopped') return undefined;
    return { delta: mapped(node.name, 'output', () => node.output(ownView(end.state) as never)) };
  }
}

function mapped(node: string, which: 'input' | 'output', map: () => unknown): unknown {
  try {
    return map();
  } catch (cause) {
    throw new RepriseError('mapping-failed', `the ${which} function of subgraph "${node}" threw an error`, {
      nextStep: 'It gets a frozen state and has to give plain data back.',
      cause,
      fields: { node, which },
    });
  }
}

function reachedLimit({ maxSteps, maxTasks }: RunCore, stepCount: number, taskCount: number): RepriseError | undefined {
  if (stepCount >= maxSteps) {
    return new RepriseError('limit-reached', `the run has made ${maxSteps} steps and wants to go on`, {
      nextStep: 'Look for a loop that does not end, or raise `maxSteps` of createEngine.',
      fields: { limit: 'maxSteps', maxSteps },
    });
  }
  if (taskCount <= maxTasks) return undefined;
  return new RepriseError('limit-reached', `a step has ${taskCount} tasks, and may have ${maxTasks}`, {
    nextStep: 'Look for a fan-out that multiplies, send in batches, or raise `maxTasks` of createEngine.',
    fields: { limit: 'maxTasks', maxTasks, taskCount },
  });
}
