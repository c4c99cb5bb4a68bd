// The world of a resumed run. What its journal holds of the open step has already happened and is answered from there.
// Everything else is passed on to the inner world.
//   G1. An attempt that had ended is not run again.
//   G2. An attempt that had not ended performs nothing new until it has asked again for everything it had done. Code
//       that no longer asks for it is `resume-diverged`: it has performed nothing, and nothing of it is written.
//   G3. A resumable attempt that had given chunks continues after them, and need not ask again for what led to them.
import type { Value } from '../../base/value.ts';
import { factsOf } from '../../journal/entry.ts';
import type { AttemptResult, EffectRef, Entry, TaskSpec } from '../../journal/entry.ts';
import { attemptKey, attemptNumber, taskKey, taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import { nextPlace, placeOfStart, recordedPlaces, takenPlaces } from '../../journal/recorded-places.ts';
import { StepIndex } from '../../journal/step-index.ts';
import type { AttemptIndex } from '../../journal/step-index.ts';
import type { Clock } from '../../port/clock.ts';
import type {
  Answer,
  AttemptWorld,
  RecordedAttempt,
  RecordedOrder,
  RecordedReads,
  RecordedTimers,
  StepPlan,
  TaskWorld,
  World,
} from '../../port/world.ts';
import { resumeDiverged } from './resume-divergence.ts';
import type { DoneInstead } from './resume-divergence.ts';

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

export function resumedWorld(inner: World, openStep: readonly Entry[], setup: ResumeSetup): World {
  const journaled = new StepIndex(openStep);
  const recordedOrder = openOrder(journaled);
  const taken = takenPlaces(openStep);
  const startOf = (at: AttemptKey): number | undefined => placeOfStart(recordedOrder.places, taken, at);
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
      ...(known === undefined ? {} : { knownAttempts: known }),
      ...(failed === undefined ? {} : { failedAttempts: failed }),
      ...(waitsSince === undefined ? {} : { waitsSince }),
      attempt(number, isResumable) {
        const at = attemptKey(key, number);
        const recorded = journaled.attempt(at);
        const world = task.attempt(number, isResumable);
        return recorded === undefined
          ? world
          : new ResumedAttempt(world, recorded, at, { ...setup, startOf }, isResumable);
      },
    };
  };
  let order: RecordedOrder | undefined = recordedOrder;
  return {
    openStep(at: StepKey, tasks: readonly TaskSpec[]): StepPlan {
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
  };
}

/** What attempts that have ended did has happened. The others do it again. */
function openOrder(journaled: StepIndex): RecordedOrder {
  const { entries } = journaled;
  const isWanted = (at: string): boolean => journaled.attempt(at)?.outcome === undefined;
  return { places: recordedPlaces(entries, { isWanted, withParts: true }), next: nextPlace(entries), isWhole: false };
}

/** When the last ended attempt of a task ended. Undefined if the journal shows that another one has begun since. */
function endOfLast(journaled: StepIndex, key: TaskKey, known: number): number | undefined {
  if (journaled.attempt(attemptKey(key, known + 1)) !== undefined) return undefined;
  return journaled.attempt(attemptKey(key, known))?.outcome?.observed.ended;
}

interface AttemptSetup extends ResumeSetup {
  /** The place at which an attempt started that is entered again. */
  startOf(at: AttemptKey): number | undefined;
}

const never = (): boolean => false;

class ResumedAttempt implements AttemptWorld {
  readonly #inner: AttemptWorld;
  readonly #recorded: AttemptIndex;
  readonly #at: AttemptKey;
  readonly #setup: AttemptSetup;
  readonly #held = new Set<{ readonly ref: EffectRef; readonly begin: () => void }>();
  readonly resumed: readonly Value[] | undefined;
  /** What it journaled before it had asked for everything again. */
  #kept: (() => void)[] = [];
  #activity = 0;
  #stopTimer: (() => void) | undefined;

  constructor(inner: AttemptWorld, recorded: AttemptIndex, at: AttemptKey, setup: AttemptSetup, isResumable: boolean) {
    this.#inner = inner;
    this.#recorded = recorded;
    this.#at = at;
    this.#setup = setup;
    const { chunks, outcome } = recorded;
    if (isResumable && outcome === undefined && (chunks?.deltas.length ?? 0) > 0) this.resumed = chunks?.deltas;
  }

  get drawKey(): string {
    return this.#inner.drawKey;
  }

  get chunks(): readonly Value[] {
    return this.#recorded.chunks?.deltas ?? [];
  }

  /** A resumable node that starts after its chunks reads everything again. */
  get reads(): RecordedReads {
    const { ambient } = this.#recorded;
    return { entryCount: ambient.length, entries: this.resumed === undefined ? ambient : [], beyond: 'real' };
  }

  get recorded(): RecordedAttempt {
    return this.#recorded.outcome === undefined
      ? { isEnded: false, started: this.#setup.startOf(this.#at) }
      : { isEnded: true };
  }

  get timers(): RecordedTimers {
    const { ambient } = this.#recorded;
    const firings = ambient.flatMap(({ observed }) => observed.firings ?? []);
    return { firings: this.resumed === undefined ? firings : [], entryCount: ambient.length, isReplay: false };
  }

  keepBack(journal: () => void): boolean {
    if (this.#isMatched || this.#recorded.outcome !== undefined) return false;
    this.#kept.push(journal);
    return true;
  }

  eventCount(stream: string, task?: string): number {
    if (this.resumed === undefined) return 0;
    return this.#recorded.events.filter((event) => event.stream === stream && event.task === task).length;
  }

  answer(ref: EffectRef): Answer {
    this.#activity += 1;
    const recorded = this.#recorded.take(ref);
    if (recorded !== undefined) {
      if (this.#recorded.isUsedUp) this.#release();
      const { outcome, observed } = recorded;
      return { kind: 'answered', outcome, facts: factsOf(recorded), order: observed.order };
    }
    const answer = this.#inner.answer(ref);
    if (answer.kind !== 'perform') return answer;
    const began = this.#recorded.began(ref);
    return {
      kind: 'perform',
      ...(began === undefined ? {} : { began }),
      ...(this.#isMatched ? {} : { hold: (held, begin, isBusy = never) => this.#hold(held, begin, isBusy) }),
    };
  }

  run(node: () => unknown): unknown {
    const result = this.#recorded.outcome?.result;
    if (result === undefined) return this.#inner.run(node);
    // Timeouts too: they came before the crash, so there is nothing to wait for.
    if (result.status !== 'done') throw result.error;
    return {
      ...(result.delta === undefined ? {} : { delta: result.delta }),
      ...(result.routes === undefined ? {} : { route: result.routes }),
    };
  }

  settle(result: AttemptResult): AttemptResult | undefined {
    const recorded = this.#recorded.outcome?.result;
    if (recorded !== undefined) return recorded;
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

  #hold(ref: EffectRef, begin: () => void, isBusy: () => boolean): () => void {
    const held = { ref, begin };
    this.#held.add(held);
    this.#stopTimer ??= this.#watchRest(isBusy, busyRestsMax);
    return () => {
      this.#held.delete(held);
      if (this.#held.size === 0) this.#stopWatching();
    };
  }

  /** The attempt is idle if it has asked for nothing since the timer was set, and waits for no timer of its own. */
  #watchRest(isBusy: () => boolean, busyRests: number): () => void {
    const activity = this.#activity;
    return this.#setup.clock.setTimer(restMs, () => {
      const [first] = this.#held;
      if (activity !== this.#activity) this.#stopTimer = this.#watchRest(isBusy, busyRestsMax);
      else if (busyRests > 0 && isBusy()) this.#stopTimer = this.#watchRest(isBusy, busyRests - 1);
      else if (first !== undefined) this.#diverge({ asked: first.ref });
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
    const held = [...this.#held];
    this.#held.clear();
    this.#stopWatching();
    for (const { begin } of held) begin();
  }

  #diverge(instead: DoneInstead): void {
    this.#setup.diverged(resumeDiverged(this.#at, this.#recorded, instead));
  }
}
