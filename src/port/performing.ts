import { RepriseError } from '../base/error.ts';
import { currentAttempt } from './attempt.ts';
import type { CurrentAttempt, OpenExchange } from './attempt.ts';

/** Runs what makes an effect happen: the effect is the record, so nothing in it (a request, a look-up) is one of the node's. */
export function performing<Result>(attempt: CurrentAttempt, make: () => Result): Result {
  return currentAttempt.run(new PerformingAttempt(attempt), make);
}

class PerformingAttempt implements CurrentAttempt {
  readonly #attempt: CurrentAttempt;
  readonly isPerforming = true;
  constructor(attempt: CurrentAttempt) {
    this.#attempt = attempt;
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
  openExchange(): OpenExchange {
    throw new RepriseError('effect-nested', 'an exchange was opened inside an effect that is being performed', {
      nextStep: 'The outer effect is the record: report this as a fault of Reprise.',
    });
  }
  refusal(what: string): Error {
    return this.#attempt.refusal(what);
  }
  noteRejection(reason: unknown): void {
    this.#attempt.noteRejection(reason);
  }
  noteUnrecorded(): void {
    // What serves a recorded effect is no gap in the record.
  }
}
