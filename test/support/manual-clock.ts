// A clock that stands still until a test moves it.
import type { Clock } from '../../src/port/clock.ts';

export interface ManualClock extends Clock {
  /** Moves on by so many milliseconds; timers that are due fire in the order of their times. */
  advance(ms: number): void;
  /** How many timers are set. */
  readonly timerCount: number;
}

export function createManualClock(start = 1_000): ManualClock {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>();
  const due = (until: number) =>
    [...timers]
      .filter(({ at }) => at <= until)
      .reduce<{ readonly at: number; readonly fire: () => void } | undefined>(
        (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
        undefined,
      );
  return {
    now: () => now,
    setTimer(delayMs, fire) {
      const timer = { at: now + delayMs, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = due(until); timer !== undefined; timer = due(until)) {
        timers.delete(timer);
        now = timer.at;
        timer.fire();
      }
      now = until;
    },
    get timerCount() {
      return timers.size;
    },
  };
}
