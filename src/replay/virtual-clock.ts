// Time in a replay. Nothing really waits: a timer fires once the event loop has been quiet for some turns, and timers
// fire in the order they are due. So a backoff costs nothing, and a grace period still lets code finish.
import type { Clock } from '../port/clock.ts';

/**
 * How many turns of the event loop without a timer firing count as quiet. Real work of a node may take longer; then an
 * engine timer fires early, but no canonical value depends on that.
 */
const quietTurns = 3;

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
}

export class VirtualClock implements Clock {
  #time: number;
  #order = 0;
  readonly #timers = new Set<Timer>();
  #isTurning = false;

  constructor(time: number) {
    this.#time = time;
  }

  now(): number {
    return this.#time;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    const timer: Timer = { due: this.#time + delayMs, order: this.#order, fire };
    this.#order += 1;
    this.#timers.add(timer);
    this.#turn(quietTurns);
    return () => this.#timers.delete(timer);
  }

  #turn(left: number): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      if (this.#timers.size === 0) return;
      if (left > 0) this.#turn(left - 1);
      else {
        this.#fireNext();
        if (this.#timers.size > 0) this.#turn(quietTurns);
      }
    });
  }

  #fireNext(): void {
    const next = [...this.#timers].reduce((first, timer) => (isBefore(timer, first) ? timer : first));
    this.#timers.delete(next);
    this.#time = Math.max(this.#time, next.due);
    next.fire();
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  return left.due !== right.due ? left.due < right.due : left.order < right.order;
}
