import type { EventLoop } from '../../port/event-loop.ts';
import { asOwn } from './node-work.ts';
import { realSetImmediate } from './real-timers.ts';
import { RunQuiet } from './run-quiet.ts';
import { inLaterTurn, isTurnOver } from './turns.ts';

let turn = 0;
let isCounting = false;

/** One for the process: a turn that somebody asks about is counted when it ends. */
export const liveEventLoop: EventLoop = {
  turn() {
    if (!isCounting) {
      isCounting = true;
      asOwn(() => realSetImmediate(nextTurn));
    }
    return turn;
  },
  // A tick that is asked for in a microtask comes when no microtask is left.
  settled: (callback) => queueMicrotask(() => process.nextTick(callback)),
  next: (callback) => void asOwn(() => realSetImmediate(callback)),
  isTurnOver,
  inLaterTurn,
  watch: () => new RunQuiet(),
};

function nextTurn(): void {
  turn += 1;
  isCounting = false;
}
