// How fast a recorded run is played to a reader: as fast as it was, or scaled. Without a pace everything comes at once.
import type { Clock } from '../port/clock.ts';

export class Pace {
  readonly clock: Clock;
  readonly #speed: number;
  #start: { readonly recorded: number; readonly now: number } | undefined;

  /** `speed`: 1 as recorded, 2 in half the time. */
  constructor(clock: Clock, speed: number) {
    this.clock = clock;
    this.#speed = speed;
  }

  /** What was recorded at this time is played now. The first call counts; without one the first item does. */
  begin(recorded: number): void {
    this.#start ??= { recorded, now: this.clock.now() };
  }

  /** How much longer something that was recorded at this time has to wait, in milliseconds. */
  waitMs(recorded: number): number {
    this.begin(recorded);
    const { recorded: first, now } = this.#start as { readonly recorded: number; readonly now: number };
    return Math.max(0, now + (recorded - first) / this.#speed - this.clock.now());
  }
}
