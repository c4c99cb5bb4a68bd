// Numbers the starts and ends of the attempts of a top-level step, where a replay needs them.
//   A1. An attempt needs its numbers if another one was open while it was due or ran, if it waited for something while
//       another one was due, and if it started while a further attempt of another task was due.
// An attempt is due from the moment from which only slots, the wait before a further attempt or the end of a turn keep it
// from its start. Without a number, a replay starts it at that moment: so first attempts that never wait run in the order
// of their ranks.
import type { StepOrder } from './step-order.ts';

/** When an attempt was due, and when it started. */
export interface Begun {
  readonly due: number;
  readonly started: number;
}

export class AttemptOrder {
  readonly #numbers: StepOrder;
  #openCount = 0;
  #dueCount = 0;
  /** Those of them that follow a failure. */
  #dueAgainCount = 0;
  /** The last place at which what an attempt did kept another one from its start, or may have. */
  #keptAt = -1;

  constructor(numbers: StepOrder) {
    this.#numbers = numbers;
  }

  openStep(first: number): void {
    // What ran before the process died may have kept attempts waiting that start in this one.
    this.#keptAt = first > 0 ? first : -1;
  }

  /** An attempt is due. Returns the place from which on it is. `number`: counted from 1. */
  due(number: number): number {
    const { next } = this.#numbers;
    this.#dueCount += 1;
    if (number > 1) this.#dueAgainCount += 1;
    if (this.#openCount > 0) this.#keptAt = next;
    return next;
  }

  /** An attempt that was due does not start. */
  giveUp(number: number): void {
    this.#dueCount -= 1;
    if (number > 1) this.#dueAgainCount -= 1;
  }

  /** An attempt that was due starts. */
  startDue(number: number): number {
    this.giveUp(number);
    if (this.#dueAgainCount > 0) this.#keptAt = this.#numbers.next;
    return this.start();
  }

  /** What was never due starts. */
  start(): number {
    this.#openCount += 1;
    return this.#numbers.enter();
  }

  /** What an attempt waits for does not come in the call that started it. */
  wait(): void {
    if (this.#dueCount > 0) this.#keptAt = this.#numbers.next;
  }

  /** An attempt has ended. */
  end({ due, started }: Begun): { readonly started: number; readonly ended: number } | undefined {
    const ended = this.#numbers.give();
    const isNeeded = this.#numbers.isCrowdedSince(due) || this.#keptAt >= due;
    this.leave();
    return isNeeded && this.#numbers.isKept ? { started, ended } : undefined;
  }

  /** An attempt was stopped: it has no end. */
  leave(): void {
    this.#openCount -= 1;
    this.#numbers.leave();
  }
}
