import { RepriseError } from '../base/error.ts';
import type { CurrentAttempt, OpenExchange } from '../port/attempt.ts';

/** Represents code outside any task during a replay: its requests are refused and reported. */
export class OutsideAttempt implements CurrentAttempt {
  readonly at = '';
  readonly node = '';
  readonly isPerforming = false;
  readonly isOpen = false;
  readonly reads = undefined;
  readonly quiet = undefined;
  readonly signal = new AbortController().signal;
  readonly #refused: (what: string) => void;

  constructor(refused: (what: string) => void) {
    this.#refused = refused;
  }

  refusal(what: string): RepriseError {
    this.#refused(what);
    return new RepriseError('effect-refused', `${what} was made outside any task, which a replay does not allow`, {
      nextStep: 'Make the request inside a node, or keep it out of the modules that the replay loads.',
      fields: { what },
    });
  }

  openTimer(): undefined {
    // The timers of a test are its own.
  }

  openExchange(): OpenExchange {
    throw this.refusal('a request');
  }

  delivered(): void {
    // Nothing outside a task is counted.
  }

  noteRejection(): void {
    // A rejection outside any task does not belong to the replay.
  }

  noteUnrecorded(): void {
    // Nothing outside a task is recorded anyway.
  }
}
