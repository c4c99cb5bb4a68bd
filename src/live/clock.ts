import type { Clock } from '../port/clock.ts';

/** `setTimeout` fires at once for anything longer, so a longer wait is split up. */
const delayMsMax = 2_147_483_647;

// Captured at load: while a node runs, somebody may have replaced the globals.
const { setTimeout: startTimer, clearTimeout: stopTimer, Date: RealDate } = globalThis;

/** The real time of this machine. */
export const liveClock: Clock = {
  now: () => RealDate.now(),
  setTimer(delayMs, fire, kind) {
    let left = delayMs;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const delay = Math.min(left, delayMsMax);
      left -= delay;
      timer = startTimer(left > 0 ? wait : fire, delay);
      if (kind === 'background') timer.unref();
    };
    wait();
    return () => stopTimer(timer);
  },
};
