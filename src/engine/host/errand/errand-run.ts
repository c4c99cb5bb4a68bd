// One errand: an attempt of a run that another process drives, made from the journal of that run and its own.
//   N1. The attempt is entered like one of a resumed run: what its journal holds is answered from there, and what its
//       worker died over is in doubt.
//   N2. Everything that it writes is fenced by the token of the errand.
//   N3. Its end is written last: who finds that finds all of it.
import { assert } from '../../../base/assert.ts';
import { atOnce } from '../../../base/in-pieces.ts';
import { canonicalValue } from '../../../base/value.ts';
import type { Value } from '../../../base/value.ts';
import type { GraphSpec, NodeSpec } from '../../../graph/spec.ts';
import { EffectHistory } from '../../../journal/step/effect-history.ts';
import type { AttemptResult, Entry, RunEntry, StopEntry, TaskSpec } from '../../../journal/entry.ts';
import type { ErrandPlace } from '../../../journal/errand.ts';
import {
  attemptNumber,
  attemptOfCleanUp,
  isAttemptKey,
  rankOfTask,
  stepOfTask,
  taskOfAttempt,
} from '../../../journal/key.ts';
import type { AttemptKey, TaskKey } from '../../../journal/key.ts';
import { withoutVoid } from '../../../journal/run/void-entries.ts';
import type { Lease } from '../../../port/store.ts';
import type { TaskWorld } from '../../../port/world.ts';
import { Attempt } from '../../attempt/attempt.ts';
import type { AttemptOwner, AttemptSetup } from '../../attempt/attempt-setup.ts';
import { outcomeEntry } from '../../drive/outcome-entry.ts';
import { countedResult } from '../../rules/counted-result.ts';
import { mayBeRepeated, mayRetry } from '../../rules/retry.ts';
import { heldEntries } from '../../run/journal/held-entries.ts';
import type { Notes } from '../../run/notes.ts';
import type { OwnLease } from '../../run/journal/own-lease.ts';
import { QuestionDesk } from '../../run/question-desk.ts';
import type { RunParts } from '../../run/run-parts.ts';
import { RunStop } from '../../run/run-stop.ts';
import type { ResumeFold } from '../../stored/resume/resume-fold.ts';
import { resumedWorld } from '../../world/resumed-world.ts';
import { failedErrand, madeErrand, stoppedErrand } from './errand-end.ts';
import type { RunContext } from '../host-ports.ts';
import { makeRun } from '../make-run.ts';

/** What an attempt begins with. */
export interface ErrandView {
  readonly run: RunEntry;
  readonly state: Value;
  readonly frontier: readonly TaskSpec[];
  /** What the journal of the run holds of its task. */
  readonly known: readonly Entry[];
  readonly failedTasks: ReadonlyMap<string, number>;
}

/** `task`: whose entries in the open step count; none does for an attempt that is its first. */
export function viewOf(fold: ResumeFold, task: TaskKey | undefined): ErrandView {
  const { run, state, frontier, openStep, failedTasks } = fold;
  const known =
    task === undefined ? [] : openStep.filter(({ at }) => isAttemptKey(at) && taskOfAttempt(attemptOf(at)) === task);
  return { run: run as RunEntry, state, frontier, known, failedTasks };
}

export interface ErrandSetup {
  readonly lease: Lease;
  readonly ownLease: OwnLease;
  readonly place: ErrandPlace;
  /** What its own journal holds, without its first entry. */
  readonly known: readonly Entry[];
  readonly view: ErrandView;
  /** It was to be stopped before it was taken. */
  readonly why: Value;
}

/** Why an errand is stopped, as its owner says it. */
type Why = Pick<StopEntry, 'why' | 'end' | 'observed'>;

export class ErrandRun implements AttemptOwner {
  readonly #setup: ErrandSetup;
  readonly #stop: RunStop;
  readonly #parts: RunParts;
  readonly #attemptSetup: AttemptSetup;
  readonly #attempt: Attempt;
  readonly #began: number;
  readonly #ended: Promise<AttemptResult | undefined>;
  #resolve: (result: AttemptResult | undefined) => void = () => undefined;
  #isStarted = false;
  #why: Value;

  constructor(context: RunContext, setup: ErrandSetup) {
    this.#setup = setup;
    this.#why = setup.why;
    this.#stop = new ErrandStop(setup.place.runId, (why) => this.stop(why));
    this.#parts = partsOf(context, setup, this.#stop);
    this.#began = context.ports.clock.now();
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#attemptSetup = this.#entered(context.graph);
    this.#attempt = new Attempt(this.#attemptSetup, undefined);
    this.#stop.whenStopping((reason) => {
      this.#parts.pool.stopWaiting();
      if (this.#isStarted) this.#attempt.stop(reason);
      // After a bug in Reprise it may never end.
      if (!this.#isStarted || this.#stop.current?.kind === 'faulty') this.#resolve(undefined);
    });
  }

  get notes(): Notes {
    return this.#parts.notes;
  }

  #entered(graph: GraphSpec): AttemptSetup {
    const { place, view, why } = this.#setup;
    const { order, world } = this.#parts;
    const task = taskOfAttempt(place.at);
    const rank = rankOfTask(task);
    const spec = view.frontier[rank] as TaskSpec;
    const node = graph.nodes.get(spec.node) as NodeSpec;
    // Of its siblings nothing is known here.
    const tasks = new Array<TaskSpec>(rank + 1);
    tasks[rank] = spec;
    const plan = world.openStep(stepOfTask(task), tasks);
    assert(plan.kind === 'run', 'a live run has no recorded end');
    order.openStep(plan.order);
    const taskWorld = plan.tasks[rank] as TaskWorld;
    if (why !== undefined) taskWorld.stopDropped?.(0, why as unknown as Why);
    const number = attemptNumber(place.at);
    return {
      parts: this.#parts,
      graph,
      key: place.at,
      number,
      due: order.attempts.due(number),
      node,
      state: view.state,
      input: spec.input,
      world: taskWorld.attempt(number, node.policy.resumable === true),
      mayRepeat: mayBeRepeated(node.policy, place.at, taskWorld.failedAttempts),
      owner: this,
    };
  }

  /**
   * Resolves once the errand has ended, or was let go of.
   *
   * @throws what the store throws, and a bug in Reprise
   */
  async made(): Promise<void> {
    const { rest, lingering, pool, settings, notes } = this.#parts;
    rest.enter();
    // One that is to be stopped, and has nothing to clean up, is not entered.
    const isWanted = this.#why === undefined || this.#attemptSetup.world.stopping !== undefined;
    if (isWanted && this.#stop.current === undefined) this.#start();
    else this.#resolve(undefined);
    const result = await this.#ended;
    await new Promise<void>((resolve) => lingering.after('run', resolve));
    if (settings.lateAnswersMs > 0 && this.#stop.current === undefined) await pool.atRest(settings.lateAnswersMs);
    pool.close();
    notes.close(stepOfTask(this.#attempt.task));
    await this.#end(result);
  }

  #start(): void {
    this.#isStarted = true;
    this.#attempt.start();
  }

  /** Why its owner wants it stopped: the facts of a `stop` entry. */
  stop(why: Value): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    const { end } = why as unknown as Why;
    const reason = new Error('the run has no more use for it');
    if (end !== undefined) this.#stop.end(end, reason);
    else if (this.#isStarted) this.#attempt.stop(reason);
  }

  /** Lets go of it: another worker enters the attempt again. */
  interrupt(): void {
    this.#stop.interrupt();
  }

  async #end(result: AttemptResult | undefined): Promise<void> {
    const { journal, clock } = this.#parts;
    const stopped = this.#stop.current;
    if (stopped?.kind === 'broken') throw stopped.thrown;
    const isLetGo = stopped?.kind === 'faulty' || stopped?.kind === 'interrupted';
    if (result !== undefined) journal.add(madeErrand(clock.now()));
    else if (stopped?.kind === 'diverged')
      journal.add(failedErrand(canonicalValue(stopped.error, 'error'), clock.now()));
    else if (isLetGo) await journal.release({ status: 'interrupted' });
    else journal.add(stoppedErrand(this.#why, clock.now()));
    if (result !== undefined || !isLetGo) await journal.flush();
    if (stopped?.kind === 'faulty') throw stopped.thrown;
  }

  attemptEnded(given: AttemptResult | undefined): void {
    const { journal, lingering, clock } = this.#parts;
    const { node, graph, world } = this.#attemptSetup;
    const result = given === undefined ? undefined : countedResult(given, world.settle(given), graph, node);
    if (this.#attempt.mayStillRun) lingering.add(this.#attempt);
    if (result !== undefined)
      journal.add(outcomeEntry(this.#attempt, result, { began: this.#began, ended: clock.now() }));
    this.#resolve(result);
  }

  mayRetry(error: Value): boolean {
    const { node, number } = this.#attemptSetup;
    const { view, place } = this.#setup;
    const failedBefore = view.failedTasks.get(taskOfAttempt(place.at)) ?? 0;
    return mayRetry(node.policy, { number, error, failedBefore });
  }

  /** It has its room in this process for as long as it is there. */
  giveSlot(): void {
    // Nobody waits for it.
  }

  takeSlotAgain(resume: (hasSlot: boolean) => void): void {
    resume(true);
  }
}

function partsOf(context: RunContext, setup: ErrandSetup, stop: RunStop): RunParts {
  const { lease, ownLease, place, known, view } = setup;
  const { clock, world } = context.ports;
  // Of other attempts of its task counts what they got, and how they ended.
  const own = withoutVoid([...view.known, ...known].filter(({ at }) => attemptOf(at) === place.at));
  const isFirst = own.length === 0 && view.known.length === 0;
  const resumeSetup = {
    clock,
    force: false,
    failedTasks: view.failedTasks,
    diverged: (error: Error) => stop.diverge(error),
  };
  return makeRun(context, {
    run: view.run,
    lease,
    ownLease,
    storedCount: known.length + 1,
    stop,
    world: isFirst ? world : atOnce(resumedWorld(world, own, resumeSetup)),
    parkMs: Number.POSITIVE_INFINITY,
    resumed: {
      history: new EffectHistory([...view.known, ...known], view.run.semantics),
      held: own.length === 0 ? undefined : atOnce(heldEntries(own, clock, false)),
      questions: new QuestionDesk([]),
      inbox: { last: 0, messages: [] },
      limitErrors: [],
      endedInnerSteps: new Map(),
      upgrade: undefined,
    },
  });
}

/** A request to cancel an errand says why its attempt is stopped. */
class ErrandStop extends RunStop {
  readonly #onCancel: (why: Value) => void;

  constructor(runId: string, onCancel: (why: Value) => void) {
    super(runId);
    this.#onCancel = onCancel;
  }

  override cancel(why: unknown): boolean {
    this.#onCancel(why as Value);
    return true;
  }
}

/** What belongs to a clean-up belongs to its attempt. */
function attemptOf(at: string): AttemptKey {
  return attemptOfCleanUp(at as AttemptKey);
}
