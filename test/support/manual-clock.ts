import type { Clock } from '../../src/port/clock.ts';

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

/** Time moves when a test says so. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #time: number;
  /** Every delay that was asked for, in milliseconds. */
  readonly delays: number[] = [];

  constructor(time = 0) {
    this.#time = time;
  }

  now(): number {
    return this.#time;
  }

  setTimer(delayMs: number, fire: () => void): () => void {
    this.delays.push(delayMs);
    const timer = { due: this.#time + delayMs, fire };
    this.#timers.add(timer);
    if (delayMs === 0) setImmediate(() => this.#fire());
    return () => this.#timers.delete(timer);
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Lets everything that is ready happen, moves the time, and lets everything happen again. */
  async advance(byMs: number): Promise<void> {
    await settled();
    this.#time += byMs;
    this.#fire();
    await settled();
  }

  /** Moves the time, and fires the timers that are due on the way in the order of their times. Nothing else gets a turn. */
  step(byMs: number): void {
    const until = this.#time + byMs;
    for (let next = this.#firstDue(until); next !== undefined; next = this.#firstDue(until)) {
      this.#timers.delete(next);
      this.#time = next.due;
      next.fire();
    }
    this.#time = until;
  }

  #firstDue(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (timer.due <= until && (first === undefined || timer.due < first.due)) first = timer;
    return first;
  }

  #fire(): void {
    for (const timer of [...this.#timers]) {
      if (timer.due > this.#time || !this.#timers.delete(timer)) continue;
      timer.fire();
    }
  }
}

/** Resolves once everything has happened that needs neither time nor the outside. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

/** Resolves after the microtasks and callbacks that are ready now. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
