import { RepriseError } from '../base/error.ts';
import { currentAttempt } from './attempt.ts';
import type { AmbientOfAttempt, AttemptHttp, CurrentAttempt } from './attempt.ts';
import type { Seal } from './seal.ts';

/**
 * Performs an effect. The effect is the record, so nothing inside it (a request, a look-up) is an effect of the node.
 */
export function performing<Result>(attempt: CurrentAttempt, make: () => Result): Result {
  return currentAttempt.run(new PerformingAttempt(attempt), make);
}

/**
 * Sends what is too much to be recorded, as if nobody had looked at it. Nobody could replay it, so no replay lets it out, not
 * even one that performs what is new.
 */
export function unrecorded<Result>(attempt: CurrentAttempt, send: () => Result): Result {
  return currentAttempt.run(new UnrecordedSending(attempt), send);
}

export class PerformingAttempt implements CurrentAttempt {
  readonly #attempt: CurrentAttempt;
  readonly isPerforming = true;
  readonly ambient = noAmbient;
  constructor(attempt: CurrentAttempt) {
    this.#attempt = attempt;
  }
  get performs(): object {
    return this.#attempt;
  }
  get at(): string {
    return this.#attempt.at;
  }
  get node(): string {
    return this.#attempt.node;
  }
  get isOpen(): boolean {
    return this.#attempt.isOpen;
  }
  get signal(): AbortSignal {
    return this.#attempt.signal;
  }
  get seal(): Seal | undefined {
    const { seal } = this.#attempt;
    return seal?.letsPerform === true ? undefined : seal;
  }
  get http(): AttemptHttp {
    const { engine, rules, requests, asksFirst, isDurable } = this.#attempt.http;
    return { engine, rules, requests, asksFirst, isDurable, open: refuse, begin: refuse };
  }
  refusal(what: string): Error {
    return this.#attempt.refusal(what);
  }
  noteRejection(reason: unknown): void {
    this.#attempt.noteRejection(reason);
  }
  noteUnrecorded(): void {
    // What a recorded effect does to get its response is not a gap in the record.
  }
}

class UnrecordedSending extends PerformingAttempt {
  readonly #seal: Seal | undefined;
  constructor(attempt: CurrentAttempt) {
    super(attempt);
    this.#seal = attempt.seal;
  }
  override get seal(): Seal | undefined {
    return this.#seal;
  }
}

/** Clocks and timers inside an effect are its own, and the node gets what the effect gives, and no part of it before. */
const noAmbient: AmbientOfAttempt = Object.freeze({
  reads: undefined,
  quiet: undefined,
  delivered: () => undefined,
  // A replay performs nothing.
  threw: () => undefined,
  openTimer: () => undefined,
});

function refuse(): never {
  throw new RepriseError('effect-nested', 'an exchange was opened inside an effect that is being performed', {
    nextStep: 'This is a bug in Reprise, please report it: the outer effect is the record.',
  });
}
