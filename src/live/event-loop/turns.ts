// Turns of the event loop are shared: what could run on without a pause, such as steps whose nodes wait for nothing, ends
// its turn in time for timers, signals and everything else in the process.
//   T1. A turn is measured from the first look in it. That costs one callback a turn, and nothing where nobody looks.
//   T2. Those who wait are let go one after another, each with all that follows from it at once, as long as the turn has
//       time left. So many runs take as long a turn as one.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Piece } from '../../base/in-pieces.ts';
import { inTurns } from '../../port/in-turns.ts';
import { asOwn } from './node-work.ts';
import { realNow, realSetImmediate } from './real-timers.ts';

/**
 * After so many milliseconds a turn ends at the next look. That leaves time for what is done without a look, so that most
 * turns last no longer than 10 ms.
 */
const turnMsMax = 5;
/**
 * Where so many looks in a row took no longer than this, the next so many are answered without looking at the clock. That is
 * for steps, which are many and alike.
 */
const fastLooks = 8;
const fastMs = 0.2;

/** When somebody first looked in this turn. */
let since: number | undefined;
let waiting: (() => void)[] = [];
/** Of those who wait, the first that was not let go. */
let head = 0;
let isServing = false;
let looksLeft = 0;
let lookedAt = 0;

export function isTurnOver(between?: 'pieces'): boolean {
  // Those who wait come first.
  if (!isServing && head < waiting.length) return true;
  if (between === 'pieces') return elapsedMs() >= turnMsMax;
  if (looksLeft > 0 && since !== undefined) {
    looksLeft -= 1;
    return false;
  }
  const before = lookedAt;
  const isOver = elapsedMs() >= turnMsMax;
  looksLeft = !isOver && lookedAt - before <= fastMs ? fastLooks - 1 : 0;
  return isOver;
}

/** In the asynchronous context of the caller. */
export function inLaterTurn(callback: () => void): void {
  const inContext = AsyncLocalStorage.snapshot();
  waiting.push(() => inContext(callback));
  if (!isServing && waiting.length - head === 1) asOwn(() => realSetImmediate(serve));
}

function elapsedMs(): number {
  const now = realNow();
  lookedAt = now;
  looksLeft = 0;
  if (since === undefined) {
    since = now;
    asOwn(() => realSetImmediate(turnEnds));
  }
  return now - since;
}

function turnEnds(): void {
  since = undefined;
}

function serve(): void {
  isServing = true;
  elapsedMs();
  serveNext();
}

function serveNext(): void {
  const next = waiting[head];
  head += 1;
  queueMicrotask(() => process.nextTick(served));
  next?.();
}

/** All that follows from letting one go has been done, but for what waits for the outside. */
function served(): void {
  if (head < waiting.length && elapsedMs() < turnMsMax) {
    serveNext();
    return;
  }
  isServing = false;
  waiting = waiting.slice(head);
  head = 0;
  if (waiting.length > 0) asOwn(() => realSetImmediate(serve));
}

/** Does work in as many turns as it takes, each of which ends in time. */
export function inOwnTurns<Result>(work: Generator<Piece, Result>): Promise<Result> {
  return inTurns({ isTurnOver, inLaterTurn }, work);
}
