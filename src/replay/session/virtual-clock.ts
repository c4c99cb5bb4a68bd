// Time in a replay. Nothing really waits: a timer fires once all is quiet, and timers fire in the order they are due. So a
// back-off costs nothing, and a grace period still lets code finish.
import type { Clock } from '../../port/clock.ts';
import type { Quiet } from '../../port/event-loop.ts';

export class VirtualClock implements Clock {
  #time: number;
  readonly #quiet: Quiet;

  constructor(time: number, quiet: Quiet) {
    this.#time = time;
    this.#quiet = quiet;
  }

  now(): number {
    return this.#time;
  }

  setTimer(delayMs: number, fire: () => void, kind?: 'background'): () => void {
    // Whatever looks after a process from time to time has nothing to look after here, and would never end.
    if (kind === 'background') return () => undefined;
    const due = this.#time + delayMs;
    const go = (): void => {
      this.#time = Math.max(this.#time, due);
      fire();
    };
    return this.#quiet.when({ rank: 'timer', due, go });
  }
}
