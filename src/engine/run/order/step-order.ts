// Numbers what happens to the attempts of a top-level step, inner ones included: where each item stands in one sequence.
//   N1. A number never reaches into the next step.
//   N2. An item needs its number only if something else was open while it was: another attempt, another effect, a timer.
//       Which starts and ends of attempts need theirs is said in attempt-order.ts.

export class StepOrder {
  /** Runs of version 1 keep no numbers. */
  readonly isKept: boolean;
  #next = 0;
  #attemptCount = 0;
  #timerCount = 0;
  /** Effects without an answer, and timers. */
  #openCount = 0;
  /** The last place at which more than one thing was open. */
  #crowdedAt = -1;

  constructor(isKept: boolean) {
    this.isKept = isKept;
  }

  /** `first`: the place that follows those which the journal holds already. */
  openStep(first: number): void {
    this.#next = first;
    this.#crowdedAt = first - 1;
  }

  /** The place that is taken next. */
  get next(): number {
    return this.#next;
  }

  /** An attempt starts. */
  enter(): number {
    this.#attemptCount += 1;
    return this.#take();
  }

  /** An attempt is open no more. */
  leave(): void {
    this.#attemptCount -= 1;
  }

  /** Something is asked for. */
  ask(): number {
    this.#openCount += 1;
    return this.#take();
  }

  /** A timer is set. Only its firings have places. */
  openTimer(): void {
    this.#timerCount += 1;
    this.#openCount += 1;
    if (this.#isCrowded) this.#crowdedAt = this.#next;
  }

  /** Something is delivered, or an attempt ends. */
  give(): number {
    return this.#take();
  }

  closeTimer(): void {
    this.#timerCount -= 1;
    this.#openCount -= 1;
  }

  /** Whether the code of an attempt may wait for a timer that it has set. */
  get hasTimers(): boolean {
    return this.#timerCount > 0;
  }

  /** Something is open no more. */
  close(): void {
    this.#openCount -= 1;
  }

  isCrowdedSince(asked: number): boolean {
    return this.isKept && this.#crowdedAt >= asked;
  }

  #take(): number {
    const place = this.#next;
    this.#next += 1;
    if (this.#isCrowded) this.#crowdedAt = place;
    return place;
  }

  get #isCrowded(): boolean {
    return this.#attemptCount > 1 || this.#openCount > 1;
  }
}
