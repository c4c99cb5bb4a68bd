// The handle of a timer that takes no real time: the same kind of object as any other, and driven by the engine.
import type { NodeTimer } from '../../port/attempt.ts';
import { realClearTimeout, realSetTimeout } from '../event-loop/real-timers.ts';

/** By handle, and by the number that a handle becomes when it is used as one. */
const timers = new WeakMap<object, NodeTimer>();
const numbered = new Map<number, NodeTimer>();

export function givenHandle(timer: NodeTimer): NodeJS.Timeout {
  const handle = realSetTimeout(() => undefined, 1);
  realClearTimeout(handle);
  timers.set(handle, timer);
  let hasRef = true;
  const doing = (act: () => void) => (): NodeJS.Timeout => {
    act();
    return handle;
  };
  const own = {
    ref: doing(() => {
      hasRef = true;
    }),
    unref: doing(() => {
      hasRef = false;
    }),
    hasRef: () => hasRef,
    refresh: doing(() => timer.refresh()),
    close: doing(() => timer.close()),
    [Symbol.dispose]: () => timer.close(),
    [Symbol.toPrimitive]: () => {
      const number = Number(Object.getPrototypeOf(handle)[Symbol.toPrimitive].call(handle));
      numbered.set(number, timer);
      return number;
    },
  };
  for (const name of Reflect.ownKeys(own))
    Object.defineProperty(handle, name, {
      value: (own as Record<PropertyKey, unknown>)[name],
      configurable: true,
      writable: true,
    });
  return handle;
}

/** Clears a timer of a node. Returns whether it is one that takes no real time. */
export function clearGiven(handle: unknown): boolean {
  const timer =
    typeof handle === 'object' && handle !== null ? timers.get(handle) : numbered.get(Number(handle as number));
  timer?.close();
  if (typeof handle !== 'object') numbered.delete(Number(handle as number));
  return timer !== undefined && !timer.isReal;
}

/** Remembers a real timer, so that it counts as open no more when it is cleared. */
export function remember(handle: object, timer: NodeTimer): void {
  timers.set(handle, timer);
}
