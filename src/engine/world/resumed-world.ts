// The world of a resumed run. What its journal holds of the open step has already happened and is answered from there.
// Everything else is passed on to the inner world.
//   G1. An attempt that had ended is not run again.
//   G2. An attempt that had not ended performs nothing new until it has asked again for everything it had done, or may
//       have done. Code that no longer asks for it is `resume-diverged`: it has performed nothing, and nothing of it is
//       written.
//       A question that was answered and is now another one is no such thing: it is asked.
//   G3. A resumable attempt that had given chunks continues after them, and need not ask again for what led to them.
import { inPieces } from '../../base/in-pieces.ts';
import type { Entry, StopEntry } from '../../journal/entry.ts';
import { attemptKey, attemptNumber, taskKey, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import { freePlaces, placeOfStart } from '../../journal/run/recorded-places.ts';
import { AttemptIndex } from '../../journal/step/attempt-index.ts';
import { StepIndex } from '../../journal/step/step-index.ts';
import { withoutUnreadAnswers, withUnreadAnswers } from '../../journal/step/unread-answers.ts';
import type { AttemptWorld, RecordedOrder, StepPlan, TaskWorld, World } from '../../port/world.ts';
import { endOfLast, OpenStep, openOrder } from './open-step.ts';
import { ResumedAttempt } from './resumed-attempt.ts';
import type { ResumedPlace, ResumeSetup } from './resumed-attempt.ts';
import { StoppingAttempt } from './stopping-attempt.ts';

export function* resumedWorld(
  inner: World,
  written: readonly Entry[],
  setup: ResumeSetup,
): Generator<undefined, World> {
  const openStep = setup.force ? withoutUnreadAnswers(written) : withUnreadAnswers(written);
  const journaled = yield* StepIndex.inPieces(openStep);
  const open = new OpenStep(journaled);
  /** The step of the run itself that was open. */
  let openNumber: number | undefined;
  const recordedOrder = yield* openOrder(journaled);
  const freeUpTo = freePlaces(openStep);
  const attemptCounts = new Map<string, number>();
  yield* inPieces(openStep, (entry) => {
    if (entry.kind !== 'outcome') return;
    const task = taskOfAttempt(entry.at);
    attemptCounts.set(task, Math.max(attemptCounts.get(task) ?? 0, attemptNumber(entry.at)));
  });
  const resumed: ResumedTasks = {
    open,
    attemptCounts,
    setup: { ...setup, startOf: (at) => placeOfStart(recordedOrder.places, freeUpTo, at) },
    isOpenStep: (at) => Number.parseInt(at, 10) === openNumber,
  };
  let order: RecordedOrder | undefined = recordedOrder;
  const resumedPlan = (at: StepKey, plan: StepPlan): StepPlan => {
    openNumber ??= Number.parseInt(at, 10);
    if (plan.kind === 'end') return plan;
    const followed = at.includes('/') ? undefined : order;
    // Later steps have not begun.
    if (!at.includes('/')) order = undefined;
    return {
      ...plan,
      ...(followed === undefined ? {} : { order: followed }),
      tasks: plan.tasks.map((task, rank) => new ResumedTask(resumed, task, taskKey(at, rank))),
    };
  };
  return {
    openStep: (at, tasks) => resumedPlan(at, inner.openStep(at, tasks)),
    readyStep: (at, tasks) => inner.readyStep?.(at, tasks),
    closeStep: (step) => inner.closeStep(step),
    leftToCleanUp: (at) => open.leftToCleanUp(at),
    stoppedBehindLast: () => inner.stoppedBehindLast?.(),
  };
}

/** What the tasks of a resumed run have in common. */
interface ResumedTasks {
  readonly open: OpenStep;
  /** The number of the last attempt that ended, by task. */
  readonly attemptCounts: ReadonlyMap<string, number>;
  readonly setup: ResumedPlace['setup'];
  /** Whether an attempt is one of the step that was open. */
  isOpenStep(at: AttemptKey): boolean;
}

/** A step may have many thousand, so what is asked of few of them is looked up when it is asked for. */
class ResumedTask implements TaskWorld {
  readonly #run: ResumedTasks;
  readonly #inner: TaskWorld;
  readonly #key: TaskKey;

  constructor(run: ResumedTasks, inner: TaskWorld, key: TaskKey) {
    this.#run = run;
    this.#inner = inner;
    this.#key = key;
  }

  get stopping(): number | undefined {
    const stop = this.#run.open.stops.get(this.#key);
    return stop && attemptNumber(stop.at);
  }

  stopDropped(entered: number, stop: Pick<StopEntry, 'why' | 'end' | 'observed'>): void {
    this.#run.open.stopDropped(this.#key, entered, stop);
  }

  get knownAttempts(): number | undefined {
    return this.#run.attemptCounts.get(this.#key);
  }

  get failedAttempts(): number | undefined {
    return this.#run.setup.failedTasks.get(this.#key);
  }

  get waitsSince(): number | undefined {
    const known = this.knownAttempts;
    if (this.failedAttempts !== undefined || known === undefined) return undefined;
    return endOfLast(this.#run.open.index, this.#key, known);
  }

  attempt(number: number, isResumable: boolean): AttemptWorld {
    const { open, setup } = this.#run;
    const at = attemptKey(this.#key, number);
    const world = this.#inner.attempt(number, isResumable);
    const mayFind = open.hasExchanges && this.#run.isOpenStep(at);
    const stop = open.stops.get(this.#key);
    const recorded = open.index.attempt(at) ?? (mayFind ? new AttemptIndex() : undefined);
    if (recorded === undefined) return world;
    const place = { open, recorded, at };
    if (stop?.at !== at) return new ResumedAttempt(world, { ...place, setup }, isResumable);
    const { clock, startOf } = setup;
    return new StoppingAttempt(world, { ...place, stop, clock, startOf }, isResumable);
  }
}
