import { RepriseError } from '../../base/error.ts';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt, OpenExchange } from '../../port/attempt.ts';

/** Runs what makes an exchange happen: nothing in it (a proxy's own request, a look-up) is an exchange of the node's. */
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
    throw new RepriseError('effect-nested', 'an exchange was opened inside another one', {
      nextStep: 'Report this as a fault of Reprise.',
    });
  }
  refusal(what: string): Error {
    return this.#attempt.refusal(what);
  }
  noteRejection(reason: unknown): void {
    this.#attempt.noteRejection(reason);
  }
  noteUnrecorded(): void {
    // A socket that serves a recorded exchange is no gap in the record.
  }
}
