import type { Clock } from '../port/clock.ts';

/** Beyond this `setTimeout` would fire at once: longer waits are made of several. */
const delayMsMax = 2_147_483_647;

// Taken before anything can replace them: while a node runs, the globals may be another's.
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
