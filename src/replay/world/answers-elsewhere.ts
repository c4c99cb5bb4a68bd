// Answers that the recording has elsewhere than the attempt that asks: clients with queues start a request in the context of
// another task, and what changed nodes ask for may have been asked for by others.
import { isLeftOpen } from '../../journal/step/exchange-finder.ts';
import type { RestOfExchange } from '../../journal/step/exchange-finder.ts';
import { entryIdentity } from '../../journal/entry-identity.ts';
import type { EffectEntry, EffectRef } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { StepIndex } from '../../journal/step/step-index.ts';
import type { Answer } from '../../port/world.ts';
import { answerOf, givenBy, withoutOrder } from './answer-of.ts';
import type { FixtureWorldOptions } from './fixture-world-options.ts';
import { addTo } from './observations.ts';
import type { Observations } from './observations.ts';
import type { Recording } from '../recorded/recording.ts';
import type { AttemptPair } from '../recorded/replayed-pairs.ts';

/** The attempt that asks, by both of its keys. */
export interface MovedTo {
  readonly recorded: AttemptKey;
  readonly replayed: AttemptKey;
  /** It has ended. */
  readonly isLate?: boolean;
}

export class AnswersElsewhere {
  readonly #recording: Recording;
  readonly #options: FixtureWorldOptions;
  readonly #observations: Observations;
  readonly #lent = new Map<EffectEntry, { readonly to: MovedTo; readonly ref: EffectRef }>();
  /** Exchanges that the recording has elsewhere. */
  movedCount = 0;
  /** Requests that began after their attempts had ended. */
  lateCount = 0;

  constructor(recording: Recording, options: FixtureWorldOptions, observations: Observations) {
    this.#recording = recording;
    this.#options = options;
    this.#observations = observations;
  }

  /** What became of an exchange that outlived its attempt. */
  restOf(effect: EffectEntry): RestOfExchange | undefined {
    return isLeftOpen(effect) ? this.#recording.pool.restOf(effect) : undefined;
  }

  /** An equal exchange that is recorded elsewhere: in another attempt of the step, or in the pool. */
  moved(ref: EffectRef, step: StepIndex | undefined, to: MovedTo): Answer | undefined {
    if (ref.type !== 'http') return undefined;
    if (to.isLate === true) this.lateCount += 1;
    const { adopts, cut, gave } = this.#options;
    // Of a task that does not run today, it belongs to whom it answers.
    const other = step?.findExchange(
      ref,
      ({ effects: [first] }) => first === undefined || adopts?.tasks.isOpen(first) !== false,
    );
    if (other !== undefined) {
      step?.moveAway(other);
      this.#observations.moved.add(other);
      this.#lent.set(other, { to, ref });
      this.movedCount += 1;
      gave(givenBy(other));
      // Where it moved to, the end of its own attempt says nothing.
      const { outlived: _own, ...answer } = answerOf(other, this.restOf(other), cut);
      return { ...answer, isMoved: true };
    }
    const pooled = this.#recording.pool.take(ref);
    if (pooled === undefined) return undefined;
    gave(givenBy(pooled));
    if (to.isLate !== true || pooled.at !== to.recorded) this.movedCount += 1;
    return { ...answerOf(pooled, undefined, cut), isMoved: true };
  }

  /** Its own attempt asks for it too, so it did not move: the other attempt asks for something that was not recorded. */
  takeBack(ref: EffectRef, attempt: AttemptIndex | undefined): EffectEntry | undefined {
    if (this.#options.adopts !== undefined || this.#options.controlled !== undefined) return undefined;
    const effect = attempt?.takeBack(ref);
    const lent = effect === undefined ? undefined : this.#lent.get(effect);
    if (effect === undefined || lent === undefined) return undefined;
    this.#observations.moved.delete(effect);
    this.movedCount -= 1;
    if (lent.to.isLate !== true) addTo(this.#observations.missing, lent.to.replayed, lent.ref);
    return effect;
  }

  /**
   * Where the fixture becomes what this replay is: what a task recorded that does not ask for it today, as this attempt's own.
   */
  adopted(ref: EffectRef, { at, node }: Pick<AttemptPair, 'at' | 'node'>): Answer | undefined {
    const { adopts, isAlike, gave, cut } = this.#options;
    const found = adopts?.tasks.take(ref, node, isAlike);
    if (found === undefined) return undefined;
    const { effect } = found;
    this.noteAdopted(ref, at, effect);
    gave(givenBy(effect));
    return { ...withoutOrder(answerOf(effect, this.restOf(effect), cut)), as: { ...ref, request: effect.request } };
  }

  /** `at`: the attempt that it answers. */
  noteAdopted(ref: EffectRef, at: AttemptKey, recorded: EffectEntry): void {
    const entry = { ...recorded, ...ref, request: recorded.request, at };
    this.#observations.adopted.set(entryIdentity(entry), recorded);
  }
}
