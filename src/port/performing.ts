import { RepriseError } from '../base/error.ts';
import { currentAttempt } from './attempt.ts';
import type { AttemptHttp, CurrentAttempt } from './attempt.ts';
import type { Quiet } from './event-loop.ts';
import type { Seal } from './seal.ts';

/**
 * Performs an effect. The effect is the record, so nothing inside it (a request, a look-up) is an effect of the node.
 */
export function performing<Result>(attempt: CurrentAttempt, make: () => Result): Result {
  return currentAttempt.run(new PerformingAttempt(attempt), make);
}

export class PerformingAttempt implements CurrentAttempt {
  readonly #attempt: CurrentAttempt;
  readonly isPerforming = true;
  readonly reads = undefined;
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
  delivered(): void {
    // The node gets what its effect gives, and no part of it before.
  }
  get quiet(): Quiet | undefined {
    return this.#attempt.quiet;
  }
  openTimer(): undefined {
    // Timers inside an effect are its own.
  }
  get seal(): Seal | undefined {
    return this.#attempt.seal;
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

function refuse(): never {
  throw new RepriseError('effect-nested', 'an exchange was opened inside an effect that is being performed', {
    nextStep: 'This is a bug in Reprise, please report it: the outer effect is the record.',
  });
}
