// What a store sends to its server is done by no code of the user: no door keeps it in, and it counts as nobody's traffic.
import { AsyncLocalStorage } from 'node:async_hooks';
import { outsideAttempts } from './attempt.ts';

const traffic = new AsyncLocalStorage<true>();

/** Does something that a store needs its server for. What it calls must be no code of the user. */
export function asStore<Result>(work: () => Result): Result {
  return outsideAttempts(() => traffic.run(true, work));
}

export function isOfStore(): boolean {
  return traffic.getStore() === true;
}
