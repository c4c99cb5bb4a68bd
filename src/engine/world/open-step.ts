// The open step of a resumed run, as its attempts find exchanges in it that the journal has elsewhere.
//   O1. It gives only what belongs to this step.
//   O2. An exchange that another attempt may still ask for itself is given to nobody else until that attempt is at rest or
//       ends. Else the other's request would be sent a second time, or this one's never.
import type { EffectEntry, EffectRef, GuardEntry, StopEntry } from '../../journal/entry.ts';
import { inPieces } from '../../base/in-pieces.ts';
import { factsOf } from '../../journal/entry.ts';
import { PoolFinder } from '../../journal/step/exchange-finder.ts';
import {
  attemptKey,
  attemptNumber,
  attemptOfCleanUp,
  scopeOfStep,
  stepOfTask,
  taskOfAttempt,
} from '../../journal/key.ts';
import type { AttemptKey, StepKey, TaskKey } from '../../journal/key.ts';
import { RecordedPlaces } from '../../journal/run/recorded-places.ts';
import { attemptsAround, guarded } from '../../journal/step/stops.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { AnsweredBefore, RecordedOrder } from '../../port/world.ts';
import { StepRest } from './step-rest.ts';

/** A request that waits for whether another attempt asks for the equal one it recorded. */
export interface Claim {
  readonly ref: EffectRef;
  readonly give: (answer: AnsweredBefore) => void;
  /** Nobody has one to give any more. */
  readonly withdraw: () => void;
}

/** An effect that waits until it may be performed. */
export interface Held {
  readonly ref: EffectRef;
  readonly begin: (answer?: AnsweredBefore) => void;
  /** Set while another attempt may have its answer. */
  endClaim?: (() => void) | undefined;
}

export interface HoldReasons {
  /** Another attempt may have its answer. */
  readonly isClaim: boolean;
  /** Its code may wait for something of its own. */
  readonly isBusy: () => boolean;
}

export class OpenStep {
  readonly index: StepIndex;
  /** Whether there is anything that could be given to an attempt that recorded nothing of its own. */
  readonly hasExchanges: boolean;
  readonly #claims = new Set<Claim>();
  #pool: PoolFinder | undefined;
  readonly #guards: readonly GuardEntry[];
  #stops: Map<TaskKey, StopEntry> | undefined;
  readonly rest = new StepRest();

  constructor(index: StepIndex) {
    const { entries } = index;
    this.index = index;
    this.#guards = guarded(entries);
    this.hasExchanges = entries.some((entry) => 'type' in entry && entry.type === 'http');
  }

  /** What has still to clean up, by task: the stop of its attempt. */
  get stops(): ReadonlyMap<TaskKey, StopEntry> {
    return this.#stopped;
  }

  get #stopped(): Map<TaskKey, StopEntry> {
    this.#stops ??= new Map(
      this.index.entries.flatMap((entry) =>
        entry.kind === 'stop' && this.index.attempt(entry.at)?.outcome === undefined
          ? [[taskOfAttempt(entry.at), entry] as const]
          : [],
      ),
    );
    return this.#stops;
  }

  /**
   * The task is stopped before the attempt of it was entered again that its process had dropped. If that one had anything
   * to clean up, itself or in its inner run, it is entered for that alone. `entered`: how many attempts have been.
   */
  stopDropped(task: TaskKey, entered: number, stop: Pick<StopEntry, 'why' | 'end' | 'observed'>): void {
    for (const { at, node } of this.#guards) {
      const around = attemptsAround(at);
      const place = around.findIndex((attempt) => taskOfAttempt(attempt) === task);
      if (place < 0 || attemptNumber(around[place] as AttemptKey) <= entered) continue;
      for (const attempt of around.slice(place))
        this.#stopped.set(taskOfAttempt(attempt), { kind: 'stop', at: attempt, node, ...stop });
    }
  }

  /** Whether an attempt around this one is being stopped too. */
  isStoppedAround(at: AttemptKey): boolean {
    return [...this.stops.values()].some((stop) => at.startsWith(`${stop.at}/`));
  }

  leftToCleanUp(at: StepKey): 'here' | 'later' | undefined {
    const around = this.#guards.flatMap((guard) => attemptsAround(guard.at));
    const tasks = [...this.stops.keys(), ...around.map(taskOfAttempt)];
    if (tasks.some((task) => stepOfTask(task) === at)) return 'here';
    const scope = scopeOfStep(at);
    const isLater = this.index.commit(at) !== undefined && tasks.some((task) => task.startsWith(`${scope}/`));
    return isLater ? 'later' : undefined;
  }

  /**
   * The answer of an equal exchange in the pool of this step. Not what an earlier attempt of its own task left open: its
   * further attempts ask for everything themselves.
   */
  fromPool(ref: EffectRef, asker: AttemptKey): AnsweredBefore | undefined {
    // The pool of an earlier step may have been written in this one (O1).
    const step = Number.parseInt(asker, 10);
    this.#pool ??= new PoolFinder(this.index.pooled.filter(({ at }) => Number.parseInt(at, 10) === step));
    const task = taskOfAttempt(asker);
    const entry = this.#pool.take(ref, ({ at }) => at === asker || taskOfAttempt(at) !== task);
    return entry === undefined
      ? undefined
      : { kind: 'answered', outcome: entry.outcome, facts: factsOf(entry), isMoved: true };
  }

  /** Whether another attempt that is entered again has an equal exchange that it has not asked for yet. */
  isElsewhere(ref: EffectRef, own: AttemptIndex): boolean {
    return this.#elsewhere(ref, own) !== undefined;
  }

  claim(claim: Claim): () => void {
    this.#claims.add(claim);
    return () => this.#claims.delete(claim);
  }

  /** One of the attempts has asked for an effect of its own: claims of it may have become void. */
  taken(): void {
    for (const claim of [...this.#claims])
      if (this.#elsewhere(claim.ref) === undefined) this.#end(claim, claim.withdraw);
  }

  /** Gives what an attempt has not asked for and never will, or everything, if all is at rest. */
  give(from?: AttemptIndex): void {
    for (const claim of [...this.#claims]) {
      const effect = this.#elsewhere(claim.ref, undefined, from);
      if (effect === undefined) continue;
      this.index.moveAway(effect);
      this.#end(claim, () => claim.give({ ...answerOf(effect), isMoved: true }));
    }
  }

  #end(claim: Claim, end: () => void): void {
    if (this.#claims.delete(claim)) end();
  }

  #elsewhere(ref: EffectRef, own?: AttemptIndex, from?: AttemptIndex): EffectEntry | undefined {
    return this.index.findExchange(
      ref,
      (attempt) => attempt.outcome === undefined && attempt !== own && (from === undefined || attempt === from),
    );
  }
}

function answerOf(entry: EffectEntry): AnsweredBefore {
  return { kind: 'answered', outcome: entry.outcome, facts: factsOf(entry) };
}

/** What attempts that have ended did has happened. The others do it again. */
export function* openOrder(journaled: StepIndex): Generator<undefined, RecordedOrder> {
  const isWanted = (at: string): boolean =>
    journaled.attempt(attemptOfCleanUp(at as AttemptKey))?.outcome === undefined;
  const places = new RecordedPlaces({ isWanted, withParts: true });
  yield* inPieces(journaled.entries, (entry) => places.add(entry));
  const { byAttempt, numbers, highest, next } = places;
  return { places: byAttempt, numbers, highest, next, isWhole: false };
}

/** When the last ended attempt of a task ended. Undefined if the journal shows that another one has begun since. */
export function endOfLast(journaled: StepIndex, key: TaskKey, known: number): number | undefined {
  if (journaled.attempt(attemptKey(key, known + 1)) !== undefined) return undefined;
  return journaled.attempt(attemptKey(key, known))?.outcome?.observed.ended;
}
