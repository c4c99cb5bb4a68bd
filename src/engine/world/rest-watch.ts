// When an attempt counts as at rest: it has asked for nothing for a second, and waits for no timer of its own. One that does
// may wait for a minute: a timer that repeats would never end.
import type { Clock } from '../../port/clock.ts';

/** How long an attempt may be idle before what it has not asked for counts as missing, in milliseconds. */
const restMs = 1_000;
/** For so many times as long it may wait for timers of its own. */
const busyRestsMax = 60;

export interface Resting {
  /** Another one whenever something was asked for. */
  readonly activity: number;
  /** It was idle for a second. @returns whether something goes its way that it waits for */
  rests(): 'at work' | 'busy' | 'idle';
  /** It has come to rest. */
  atRest(): void;
}

export class RestWatch {
  readonly #clock: Clock;
  readonly #of: Resting;
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, of: Resting) {
    this.#clock = clock;
    this.#of = of;
  }

  /** Unless it has begun. */
  begin(): void {
    if (this.#stopTimer === undefined) this.#wait(busyRestsMax);
  }

  end(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #wait(busyRests: number): void {
    const { activity } = this.#of;
    this.#stopTimer = this.#clock.setTimer(restMs, () => {
      const how = activity === this.#of.activity ? this.#of.rests() : 'at work';
      if (how === 'at work') this.#wait(busyRestsMax);
      else if (how === 'busy' && busyRests > 0) this.#wait(busyRests - 1);
      else this.#of.atRest();
    });
  }
}
