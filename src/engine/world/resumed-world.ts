// The world of a resumed run. What its journal holds of the open step has already happened and is answered from there.
// Everything else is passed on to the inner world.
//   G1. An attempt that had ended is not run again.
//   G2. An attempt that had not ended performs nothing new until it has asked again for everything it had done. Code
//       that no longer asks for it is `resume-diverged`: it has performed nothing, and nothing of it is written.
//       A question that was answered and is now another one is no such thing: it is asked.
//   G3. A resumable attempt that had given chunks continues after them, and need not ask again for what led to them.
import { sameValue } from '../../base/equal.ts';
import type { Value } from '../../base/value.ts';
import { isUnfinished } from '../../journal/http/http-request.ts';
import { factsOf } from '../../journal/entry.ts';
import type { AttemptResult, EffectEntry, EffectRef, Entry, TaskSpec } from '../../journal/entry.ts';
import { refOf } from '../../journal/effect-identity.ts';
import { attemptKey, attemptNumber, taskKey, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import { freePlaces, placeOfStart } from '../../journal/recorded-places.ts';
import { AttemptIndex } from '../../journal/step-index.ts';
import { withoutUnreadAnswers, withUnreadAnswers } from '../../journal/unread-answers.ts';
import type { Clock } from '../../port/clock.ts';
import type {
  Answer,
  AnsweredBefore,
  AttemptWorld,
  RecordedOrder,
  StepPlan,
  TaskWorld,
  World,
} from '../../port/world.ts';
import { EnteredAgain, returnedBefore } from './entered-again.ts';
import { endOfLast, OpenStep, openOrder } from './open-step.ts';
import type { Claim, Held, HoldReasons } from './open-step.ts';
import { bodyLost, resumeDiverged } from './resume-divergence.ts';
import type { DoneInstead } from './resume-divergence.ts';
import { StoppingAttempt } from './stopping-attempt.ts';

export interface ResumeSetup {
  readonly clock: Clock;
  /** Accepts that the code does something else now. */
  readonly force: boolean;
  /** If the run had failed: the tasks that get further attempts, each with the number of its last one. */
  readonly failedTasks: ReadonlyMap<string, number>;
  readonly diverged: (error: Error) => void;
}

/** How long an attempt may be idle before what it has not asked for counts as missing, in milliseconds. */
const restMs = 1_000;
/** For so many times as long it may wait for timers of its own: one that repeats would never end. */
const busyRestsMax = 60;

export function resumedWorld(inner: World, written: readonly Entry[], setup: ResumeSetup): World {
  const openStep = setup.force ? withoutUnreadAnswers(written) : withUnreadAnswers(written);
  const open = new OpenStep(openStep);
  const journaled = open.index;
  /** The step of the run itself that was open. */
  let openNumber: number | undefined;
  const recordedOrder = openOrder(journaled);
  const freeUpTo = freePlaces(openStep);
  const startOf = (at: AttemptKey): number | undefined => placeOfStart(recordedOrder.places, freeUpTo, at);
  const attemptCounts = new Map<string, number>();
  for (const entry of openStep) {
    if (entry.kind !== 'outcome') continue;
    const task = taskOfAttempt(entry.at);
    attemptCounts.set(task, Math.max(attemptCounts.get(task) ?? 0, attemptNumber(entry.at)));
  }
  const resumedTask = (task: TaskWorld, key: TaskKey): TaskWorld => {
    const known = attemptCounts.get(key);
    const failed = setup.failedTasks.get(key);
    const waitsSince = failed === undefined && known !== undefined ? endOfLast(journaled, key, known) : undefined;
    return {
      get stopping() {
        const stop = open.stops.get(key);
        return stop && attemptNumber(stop.at);
      },
      stopDropped: (entered, stop) => open.stopDropped(key, entered, stop),
      ...(known === undefined ? {} : { knownAttempts: known }),
      ...(failed === undefined ? {} : { failedAttempts: failed }),
      ...(waitsSince === undefined ? {} : { waitsSince }),
      attempt(number, isResumable) {
        const at = attemptKey(key, number);
        const world = task.attempt(number, isResumable);
        const mayFind = open.hasExchanges && Number.parseInt(at, 10) === openNumber;
        const stop = open.stops.get(key);
        const recorded = journaled.attempt(at) ?? (mayFind ? new AttemptIndex() : undefined);
        if (stop?.at === at && recorded !== undefined)
          return new StoppingAttempt(world, { open, recorded, at, stop, clock: setup.clock, startOf }, isResumable);
        return recorded === undefined
          ? world
          : new ResumedAttempt(world, { open, recorded, at, setup: { ...setup, startOf } }, isResumable);
      },
    };
  };
  let order: RecordedOrder | undefined = recordedOrder;
  return {
    openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
      openNumber ??= Number.parseInt(at, 10);
      const plan = inner.openStep(at, tasks);
      if (plan.kind === 'end') return plan;
      const followed = at.includes('/') ? undefined : order;
      // Later steps have not begun.
      if (!at.includes('/')) order = undefined;
      return {
        ...plan,
        ...(followed === undefined ? {} : { order: followed }),
        tasks: plan.tasks.map((task, rank) => resumedTask(task, taskKey(at, rank))),
      };
    },
    closeStep: (step) => inner.closeStep(step),
    leftToCleanUp: (at) => open.leftToCleanUp(at),
    stoppedBehindLast: () => inner.stoppedBehindLast?.(),
  };
}

const never = (): boolean => false;

interface ResumedPlace {
  readonly open: OpenStep;
  readonly recorded: AttemptIndex;
  readonly at: AttemptKey;
  /** `startOf`: the place at which an attempt started that is entered again. */
  readonly setup: ResumeSetup & { startOf(at: AttemptKey): number | undefined };
}

class ResumedAttempt extends EnteredAgain implements AttemptWorld {
  readonly #inner: AttemptWorld;
  readonly #recorded: AttemptIndex;
  readonly #at: AttemptKey;
  readonly #setup: ResumeSetup;
  readonly #open: OpenStep;
  readonly #held = new Set<Held>();
  /** What it journaled before it had asked for everything again. */
  #kept: (() => void)[] = [];
  #stopTimer: (() => void) | undefined;

  constructor(inner: AttemptWorld, { open, recorded, at, setup }: ResumedPlace, isResumable: boolean) {
    super(recorded, isResumable, () => setup.startOf(at), inner);
    this.#inner = inner;
    this.#open = open;
    this.#recorded = recorded;
    this.#at = at;
    this.#setup = setup;
  }

  get drawKey(): string {
    return this.#inner.drawKey;
  }
  cleanUp(number: number): AttemptWorld | undefined {
    return this.#recorded.outcome === undefined ? this.#inner.cleanUp?.(number) : undefined;
  }

  keepBack(journal: () => void): boolean {
    if (this.#isMatched || this.#recorded.outcome !== undefined) return false;
    this.#kept.push(journal);
    return true;
  }

  answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
    this.#open.rest.act();
    const replaced = ref.type === 'ask' ? this.#recorded.replaceQuestion(ref) : undefined;
    if (replaced !== undefined && this.#recorded.isUsedUp) this.#release();
    const recorded = this.#recorded.take(ref);
    if (recorded !== undefined) {
      this.#open.taken();
      if (this.#recorded.isUsedUp) this.#release();
      const { outcome, observed } = recorded;
      return { kind: 'answered', outcome, facts: factsOf(recorded), order: observed.order, keepsPlaces: true };
    }
    const unfinished = this.#recorded.takeUnfinished(ref);
    if (unfinished !== undefined) return this.#answerUnfinished(unfinished, ref);
    if (kept !== undefined || this.#recorded.isLost(ref)) return kept ?? { kind: 'silent' };
    const isClaim = this.#open.isElsewhere(ref, this.#recorded);
    const pooled = isClaim ? undefined : this.#open.fromPool(ref, this.#at);
    if (pooled !== undefined) return pooled;
    const answer = this.#inner.answer(ref);
    if (answer.kind !== 'perform') return answer;
    const began = this.#recorded.began(ref);
    return {
      ...answer,
      ...(began === undefined ? {} : { began }),
      // What it did next may depend on an answer that nobody kept: it cannot ask for the one without the other.
      ...((this.#isMatched && !isClaim) || began?.observed.unrecorded === true || this.#recorded.isUndone(ref, this.#at)
        ? {}
        : { hold: (held, begin, isBusy = never) => this.#hold(held, begin, { isClaim, isBusy }) }),
    };
  }

  /** Found without its body, which is compared once it is whole. */
  #answerUnfinished(recorded: EffectEntry, asked: EffectRef): Answer {
    if (this.#recorded.isUsedUp) this.#release();
    const compare = (request: Value): void => {
      if (this.#setup.force || isUnfinished(recorded.request) || sameValue(request, recorded.request)) return;
      this.#diverge({ asked: { ...asked, request } });
    };
    return { kind: 'answered', outcome: recorded.outcome, facts: factsOf(recorded), as: refOf(recorded), compare };
  }

  readPast(ref: EffectRef): Error | undefined {
    const lost = bodyLost(this.#at, this.#recorded, ref);
    if (lost !== undefined) this.#setup.diverged(lost);
    return lost;
  }

  /** Until it has asked for everything again, it has to know what a request asks for before any of it leaves. */
  get asksFirst(): boolean {
    return !this.#isMatched || this.#open.hasExchanges;
  }

  run(node: () => unknown): unknown {
    const result = this.#recorded.outcome?.result;
    return result === undefined ? this.#inner.run(node) : returnedBefore(result);
  }

  settle(result: AttemptResult): AttemptResult | undefined {
    const recorded = this.#recorded.outcome?.result;
    if (recorded !== undefined) return recorded;
    // What it has not asked for now it never will.
    this.#open.give(this.#recorded);
    // A timeout may come before everything has been asked for again.
    if (!this.#isMatched && result.status !== 'timeout') {
      this.#diverge({ result });
      return undefined;
    }
    return this.#inner.settle(result);
  }

  watch(timeoutMs: number, expire: () => void): () => void {
    return this.#recorded.outcome === undefined ? this.#inner.watch(timeoutMs, expire) : () => undefined;
  }

  get #isMatched(): boolean {
    return this.#setup.force || this.resumed !== undefined || this.#recorded.isUsedUp;
  }

  #hold(ref: EffectRef, begin: Held['begin'], { isClaim, isBusy }: HoldReasons): () => void {
    const held: Held = { ref, begin };
    this.#held.add(held);
    this.#stopTimer ??= this.#watchRest(isBusy, busyRestsMax);
    if (isClaim) held.endClaim = this.#open.claim(this.#claimOf(held));
    return () => {
      this.#letGo(held);
      if (this.#held.size === 0) this.#stopWatching();
    };
  }

  #claimOf(held: Held): Claim {
    return {
      ref: held.ref,
      give: (answer) => {
        this.#letGo(held);
        held.begin(answer);
      },
      withdraw: () => {
        held.endClaim = undefined;
        if (!this.#isMatched) return;
        this.#letGo(held);
        held.begin();
      },
    };
  }

  #letGo(held: Held): void {
    this.#held.delete(held);
    held.endClaim?.();
    held.endClaim = undefined;
  }

  /** The step is idle if its attempts have asked for nothing since the timer was set, and this one waits for no timer. */
  #watchRest(isBusy: () => boolean, busyRests: number): () => void {
    const { activity } = this.#open.rest;
    return this.#setup.clock.setTimer(restMs, () => {
      if (activity !== this.#open.rest.activity) {
        this.#stopTimer = this.#watchRest(isBusy, busyRestsMax);
        return;
      }
      this.#open.give();
      const [first] = this.#held;
      if (busyRests > 0 && isBusy()) this.#stopTimer = this.#watchRest(isBusy, busyRests - 1);
      else if (first !== undefined && !this.#isMatched) this.#diverge({ asked: first.ref });
    });
  }

  #stopWatching(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #release(): void {
    const kept = this.#kept;
    this.#kept = [];
    for (const journal of kept) journal();
    const held = [...this.#held].filter(({ endClaim }) => endClaim === undefined);
    for (const each of held) this.#letGo(each);
    if (this.#held.size === 0) this.#stopWatching();
    for (const { begin } of held) begin();
  }

  #diverge(instead: DoneInstead): void {
    this.#setup.diverged(resumeDiverged(this.#at, this.#recorded, instead));
  }
}
