// What can wait until a request has left. Clients write it in this turn of the event loop or in one of the next: `fetch`
// reads a body first, and some have to connect. Then nothing happens until its answer comes.
import { outsideAttempts } from '../../port/attempt.ts';
import { asOwn } from '../event-loop/node-work.ts';
import { realSetImmediate } from '../event-loop/real-timers.ts';

/** Several are done as fast as one: nothing is waited for. */
const turns = 4;

let waiting: (() => void)[] = [];

/** Calls back once it presumably has. It may come too late to be of use: who needs it before has to do it. */
export function onceSent(callback: () => void): void {
  waiting.push(callback);
  if (waiting.length === 1) inLaterTurns(turns, callAll);
}

function inLaterTurns(count: number, callback: () => void): void {
  const next = count === 1 ? callback : (): void => inLaterTurns(count - 1, callback);
  outsideAttempts(() => asOwn(() => realSetImmediate(next)));
}

function callAll(): void {
  const callbacks = waiting;
  waiting = [];
  for (const callback of callbacks) callback();
}
