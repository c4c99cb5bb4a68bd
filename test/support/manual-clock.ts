import type { Clock } from '../../src/port/clock.ts';

/** Time that moves for longer than this moves for nothing. */
const untilStepsMax = 1_000;

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

  /** Moves the time on, bit by bit, until the promise has settled. */
  async until<Result>(promise: Promise<Result>, stepMs = 100): Promise<Result> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    for (let step = 0; step < untilStepsMax; step += 1) {
      await this.advance(stepMs);
      if (isSettled) return promise;
    }
    throw new Error(`nothing came in ${untilStepsMax * stepMs} ms`);
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

  /** Moves the time, and fires nothing yet: the process was stopped. */
  jump(byMs: number): void {
    this.#time += byMs;
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
export function settled(): Promise<void> {
  return turns(20);
}

/** Waits for so many turns of the event loop: what waits for fewer comes first, on any machine. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
}

/** Resolves after the microtasks and callbacks that are ready now. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
