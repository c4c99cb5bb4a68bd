// What can wait until a request has left. Clients write it in this turn of the event loop or in the next one: `fetch` reads a
// body first, and some have to connect. Then nothing happens until its answer comes.
import { outsideAttempts } from '../../port/attempt.ts';
import { asOwn } from '../event-loop/node-work.ts';
import { realSetImmediate } from '../event-loop/real-timers.ts';

/** What came in this turn, and in the one before it. */
let recent: (() => void)[] = [];
let earlier: (() => void)[] = [];
let isTurning = false;

/** Calls back at the end of the next turn. It may come too late to be of use: who needs it before has to do it. */
export function onceSent(callback: () => void): void {
  recent.push(callback);
  if (!isTurning) turn();
}

function turn(): void {
  isTurning = true;
  outsideAttempts(() => asOwn(() => realSetImmediate(turned)));
}

function turned(): void {
  const due = earlier;
  earlier = recent;
  recent = [];
  isTurning = false;
  if (earlier.length > 0) turn();
  for (const callback of due) callback();
}
