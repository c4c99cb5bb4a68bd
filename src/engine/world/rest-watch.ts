// When an attempt counts as at rest: it has asked for nothing for a second, and waits for no timer of its own. One that does
// may wait for a minute: a timer that repeats would never end.
import type { Clock } from '../../port/clock.ts';

/** How long an attempt may be idle before what it has not asked for counts as missing, in milliseconds. */
const restMs = 1_000;
/** For so many times as long it may wait for timers of its own. */
const busyRestsMax = 60;

export interface Resting {
  /** A number that changes whenever something is asked for. */
  readonly activity: number;
  /** Asked after an idle second: `at work` if something that it waits for is under way, `busy` if a timer of its own is. */
  rests(): 'at work' | 'busy' | 'idle';
  /** It has come to rest. */
  atRest(): void;
}

export class RestWatch {
  readonly #clock: Clock;
  readonly #attempt: Resting;
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, attempt: Resting) {
    this.#clock = clock;
    this.#attempt = attempt;
  }

  /** Does nothing while it watches. */
  begin(): void {
    if (this.#stopTimer === undefined) this.#wait(busyRestsMax);
  }

  end(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #wait(busyRests: number): void {
    const { activity } = this.#attempt;
    this.#stopTimer = this.#clock.setTimer(restMs, () => {
      const how = activity === this.#attempt.activity ? this.#attempt.rests() : 'at work';
      if (how === 'at work') this.#wait(busyRestsMax);
      else if (how === 'busy' && busyRests > 0) this.#wait(busyRests - 1);
      else this.#attempt.atRest();
    });
  }
}
