import { RepriseError } from '../base/error.ts';
import type { CurrentAttempt, OpenExchange } from '../port/attempt.ts';

/** Stands, in a replay, for whatever belongs to no task: every request of it is refused, and counted. */
export class OutsideAttempt implements CurrentAttempt {
  readonly at = '';
  readonly node = '';
  readonly isPerforming = false;
  readonly isOpen = false;
  readonly signal = new AbortController().signal;
  readonly #refused: (what: string) => void;

  constructor(refused: (what: string) => void) {
    this.#refused = refused;
  }

  refusal(what: string): RepriseError {
    this.#refused(what);
    return new RepriseError('effect-refused', `${what} was tried outside of any task, which a replay does not allow`, {
      nextStep: 'Make the request inside a node, or keep it out of what the replay loads.',
      fields: { what },
    });
  }

  openExchange(): OpenExchange {
    throw this.refusal('a request');
  }

  noteRejection(): void {
    // What is rejected outside of a task is not the replay's.
  }

  noteUnrecorded(): void {
    // Nothing of it is recorded in any case.
  }
}
