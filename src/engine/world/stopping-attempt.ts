// An attempt whose process died while it was being stopped. Its node runs on what the journal holds, so that it registers
// again what there is to clean up.
//   B1. It performs nothing: what is not journaled stays open until the attempt is told that it is stopped, as it was when
//       that happened.
//   B2. It journals nothing: what it had done before is journaled, and nothing else counts.
import { RepriseError } from '../../base/error.ts';
import { factsOf } from '../../journal/entry.ts';
import type { AttemptResult, EffectRef, StopEntry } from '../../journal/entry.ts';
import { cleanUpKey } from '../../journal/key.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { AttemptIndex } from '../../journal/step/attempt-index.ts';
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';
import type { Answer, AnsweredBefore, AttemptWorld, StoppedBefore } from '../../port/world.ts';
import { EnteredAgain } from './entered-again.ts';
import type { OpenStep } from './open-step.ts';

interface StoppingPlace {
  readonly open: OpenStep;
  readonly recorded: AttemptIndex;
  readonly at: AttemptKey;
  readonly stop: StopEntry;
  readonly clock: Clock;
  startOf(at: AttemptKey): number | undefined;
}

export class StoppingAttempt extends EnteredAgain implements AttemptWorld {
  readonly #inner: AttemptWorld;
  readonly #place: StoppingPlace;
  readonly stopping: StoppedBefore;
  readonly asksFirst = true;

  constructor(inner: AttemptWorld, place: StoppingPlace, isResumable: boolean) {
    super(place.recorded, isResumable, () => place.startOf(place.at));
    this.#inner = inner;
    this.#place = place;
    const { why, error } = place.stop;
    this.stopping = {
      why,
      error,
      isTimeout: why === 'timeout' && !place.open.isStoppedAround(place.at),
      whenAtRest: (quiet, callback) => this.#whenAtRest(quiet, callback),
    };
  }

  get drawKey(): string {
    return this.#inner.drawKey;
  }

  answer(ref: EffectRef, kept?: AnsweredBefore): Answer {
    const { open, recorded, at } = this.#place;
    open.rest.act();
    const known = recorded.take(ref) ?? recorded.takeUnfinished(ref);
    if (known !== undefined) {
      open.taken();
      return { kind: 'answered', outcome: known.outcome, facts: factsOf(known), order: known.observed.order };
    }
    if (kept !== undefined) return kept;
    // A reading of the clock cannot stay open.
    return ref.type === 'now' ? { kind: 'refused', error: stoppedError(at) } : { kind: 'silent' };
  }

  keepBack(): boolean {
    return true;
  }

  run(node: () => unknown): unknown {
    return this.#inner.run(node);
  }

  settle(result: AttemptResult): AttemptResult | undefined {
    return this.#inner.settle(result);
  }

  watch(): () => void {
    return () => undefined;
  }

  cleanUp(number: number): AttemptWorld | undefined {
    return cleanUpAgain(this.#inner.cleanUp?.(number), this.#place.open, cleanUpKey(this.#place.at, number));
  }

  #whenAtRest(quiet: Quiet, callback: () => void): void {
    const { open, clock, recorded } = this.#place;
    open.rest.when(quiet, clock, () => {
      open.give(recorded);
      callback();
    });
  }
}

function stoppedError(at: AttemptKey): RepriseError {
  return new RepriseError('task-detached', `now() was tried by attempt ${at} after it was stopped`, {
    nextStep: 'Await everything that a node starts, and stop when `context.signal` aborts.',
    fields: { at },
  });
}

/** A function that cleans up, as it runs again after its process died: what it did is answered. */
export function cleanUpAgain(
  inner: AttemptWorld | undefined,
  { index }: OpenStep,
  at: AttemptKey,
): AttemptWorld | undefined {
  const recorded = index.attempt(at);
  return inner === undefined || recorded === undefined ? inner : new CleanUpAgain(inner, recorded);
}

class CleanUpAgain extends EnteredAgain implements AttemptWorld {
  readonly #inner: AttemptWorld;
  readonly #recorded: AttemptIndex;

  constructor(inner: AttemptWorld, recorded: AttemptIndex) {
    super(recorded, false, () => undefined);
    this.#inner = inner;
    this.#recorded = recorded;
  }

  get drawKey(): string {
    return this.#inner.drawKey;
  }
  get asksFirst(): boolean {
    return !this.#recorded.isUsedUp;
  }

  answer(ref: EffectRef): Answer {
    const known = this.#recorded.take(ref) ?? this.#recorded.takeUnfinished(ref);
    if (known !== undefined)
      return { kind: 'answered', outcome: known.outcome, facts: factsOf(known), order: known.observed.order };
    const answer = this.#inner.answer(ref);
    const began = this.#recorded.began(ref);
    return answer.kind !== 'perform' || began === undefined ? answer : { ...answer, began };
  }

  run(node: () => unknown): unknown {
    return this.#inner.run(node);
  }

  settle(result: AttemptResult): AttemptResult | undefined {
    return this.#inner.settle(result);
  }

  watch(timeoutMs: number, expire: () => void): () => void {
    return this.#inner.watch(timeoutMs, expire);
  }
}
