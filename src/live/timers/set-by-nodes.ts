// Timers that nodes set, with any of the functions of Node that set one. What belongs to no node is left alone.
//   T1. A real timer is the one that Node makes: the same handle, the same time. Only its firing is told first. Where what
//       was recorded may have to come before that, a signal of a time limit is one of our own: Node's would abort in time.
//   T2. One that takes no real time is called in the context in which it was set.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { setInterval as setTicks } from 'node:timers/promises';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt, NodeTimer } from '../../port/attempt.ts';
import { realClearTimeout, realSetTimeout } from '../event-loop/real-timers.ts';
import { clearGiven, givenHandle, remember } from './given-timer.ts';

type Callback = (this: unknown, ...given: unknown[]) => void;
export type SetTimer = (callback: Callback, delay?: number, ...given: unknown[]) => NodeJS.Timeout;
export type ClearTimer = (handle: unknown) => void;
export type Wait = (
  delay?: number,
  value?: unknown,
  options?: { signal?: AbortSignal; ref?: boolean },
) => Promise<unknown>;

const { nextTick: realNextTick } = process;

/** Longer delays count as 1 ms, as in Node. */
const delayMsMax = 2_147_483_647;

function delayOf(given: unknown): number {
  const delay = Number(given);
  return delay >= 1 && delay <= delayMsMax ? Math.trunc(delay) : 1;
}

/** The attempt whose code runs now, if its timers are looked at. */
export function attemptNow(): CurrentAttempt | undefined {
  const attempt = currentAttempt.getStore();
  return attempt?.isOpen === true && !attempt.isPerforming ? attempt : undefined;
}

/** `original` is asked for each time: the fake timers of a test may stand there. */
export function setterOf(original: () => SetTimer, repeats: boolean): SetTimer {
  const set: SetTimer = (callback, delay, ...given) => {
    const attempt = typeof callback === 'function' ? attemptNow() : undefined;
    if (attempt === undefined) return original()(callback, delay, ...given);
    const inContext = AsyncLocalStorage.snapshot();
    let handle: NodeJS.Timeout | undefined;
    const fire = (): void => inContext(() => callback.apply(handle, given));
    let timer: NodeTimer | undefined;
    const called = (): void => (timer?.isReal === false ? rethrowing(fire, inContext) : fire());
    timer = attempt.ambient.openTimer(delayOf(delay), repeats, called, { isWork: () => handle?.hasRef() !== false });
    if (timer === undefined) return original()(callback, delay, ...given);
    if (timer.isReal) {
      const told = timer;
      handle = original()(() => told.elapsed(), delay);
      remember(handle, timer);
    } else handle = givenHandle(timer);
    return handle;
  };
  return set;
}

/** Of a socket that plays a recorded answer: `fire` is called once nothing has happened for so long. */
export function socketTimer(delayMs: number, fire: () => void): Pick<NodeTimer, 'close' | 'refresh'> {
  const inContext = AsyncLocalStorage.snapshot();
  const timer = attemptNow()?.ambient.openTimer(delayOf(delayMs), false, () => inContext(fire), { isOfSocket: true });
  if (timer?.isReal === false) return timer;
  const handle = realSetTimeout(() => (timer === undefined ? fire() : timer.elapsed()), delayOf(delayMs)).unref();
  return {
    refresh: () => void handle.refresh(),
    close: () => {
      realClearTimeout(handle);
      timer?.close();
    },
  };
}

export function clearerOf(original: () => ClearTimer): ClearTimer {
  return (handle) => {
    if (handle === undefined || handle === null || !clearGiven(handle)) original()(handle);
  };
}

/** What a node throws in a timer is an uncaught exception, and no fault of what called it. */
function rethrowing(fire: () => void, inContext: <Result>(call: () => Result) => Result): void {
  try {
    fire();
  } catch (thrown) {
    // Node 22 forgets in whose context a microtask has thrown.
    inContext(() =>
      realNextTick(() => {
        throw thrown;
      }),
    );
  }
}

export function waitOf(original: Wait): Wait {
  return (delay, value, options) => {
    const attempt = attemptNow();
    if (attempt === undefined) return original(delay, value, options);
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const fire = (): void => {
        over.abort();
        resolve(value);
      };
      const role = { isWork: () => options?.ref !== false };
      const timer = attempt.ambient.openTimer(delayOf(delay), false, fire, role);
      if (timer === undefined || timer.isReal) {
        original(delay, value, options).then(
          () => (timer === undefined ? resolve(value) : timer.elapsed()),
          (thrown: unknown) => {
            timer?.close();
            reject(thrown as Error);
          },
        );
        return;
      }
      // Node itself says what is wrong with the options, and how an aborted wait fails.
      const signal = options?.signal === undefined ? over.signal : AbortSignal.any([options.signal, over.signal]);
      original(delayMsMax, value, { ...options, signal, ref: false }).catch((thrown: unknown) => {
        if (over.signal.aborted) return;
        timer.close();
        reject(thrown as Error);
      });
    });
  };
}

/** Like Node's own: what fires while nobody asks is counted, and given later. */
export function ticksOf(original: typeof setTicks, set: SetTimer, clear: ClearTimer) {
  return function setInterval<Given>(
    delay?: number,
    value?: Given,
    options?: { signal?: AbortSignal; ref?: boolean },
  ): AsyncIterable<Given | undefined> {
    const attempt = attemptNow();
    if (attempt === undefined || options?.signal?.aborted === true)
      return original(delay, value, options) as AsyncIterable<Given | undefined>;
    return currentAttempt.run(attempt, () => ticks(set, clear, delay, value, options));
  };
}

async function* ticks<Given>(
  set: SetTimer,
  clear: ClearTimer,
  delay: number | undefined,
  value: Given | undefined,
  options: { signal?: AbortSignal; ref?: boolean } | undefined,
): AsyncGenerator<Given | undefined, void> {
  let waitingCount = 0;
  let wake: (() => void) | undefined;
  const handle = set(() => {
    waitingCount += 1;
    wake?.();
  }, delay);
  if (options?.ref === false) handle.unref();
  const aborted = (): void => wake?.();
  options?.signal?.addEventListener('abort', aborted, { once: true });
  try {
    while (options?.signal?.aborted !== true) {
      if (waitingCount === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      for (; waitingCount > 0; waitingCount -= 1) yield value;
    }
    throw Object.assign(new Error('The operation was aborted', { cause: options.signal.reason }), {
      name: 'AbortError',
      code: 'ABORT_ERR',
    });
  } finally {
    clear(handle);
    options?.signal?.removeEventListener('abort', aborted);
  }
}

export function timeoutSignalOf(original: typeof AbortSignal.timeout): typeof AbortSignal.timeout {
  return (delay) => {
    const attempt = attemptNow();
    if (attempt === undefined) return original.call(AbortSignal, delay);
    const abort = new AbortController();
    const message = 'The operation was aborted due to timeout';
    const inContext = AsyncLocalStorage.snapshot();
    const timer = attempt.ambient.openTimer(delayOf(delay), false, () =>
      inContext(() => abort.abort(new DOMException(message, 'TimeoutError'))),
    );
    if (timer !== undefined && !timer.isReal) return abort.signal;
    const real = original.call(AbortSignal, delay);
    real.addEventListener('abort', () => timer?.elapsed(), { once: true });
    // Node's own aborts when its time is over, whatever has to come before that.
    return timer?.isOnTime === false ? abort.signal : real;
  };
}
