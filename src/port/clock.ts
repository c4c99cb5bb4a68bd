import type { EffectRef } from '../journal/entry.ts';

/** Time as the engine sees it. The real clock is in `live`; replays and tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls `fire` once after `delayMs`. The returned function cancels the timer. A `background` timer does not keep the
   * process alive. Any other use says what the timer stands for in the run; without one it is the engine's own.
   */
  setTimer(delayMs: number, fire: () => void, use?: 'background' | TimedArrival): () => void;
}

/** The clock of an engine. One that tells the time of a store has to be read now and then. */
/** Asked for once what was given was read: its caller may change that meanwhile. */
export type TimeOf = () => number | Promise<number>;

export interface EngineClock extends Clock {
  /** The clock of this process, where that is another one. */
  readonly own?: Clock;
  /** Reads the clock of the store unless that was done lately: before a time is written or compared. */
  ready?(): Promise<void> | undefined;
  /** Reads the clock of the store. */
  read?(): Promise<void> | undefined;
}

/** What arrives when a timer fires. */
export interface TimedArrival {
  readonly kind: 'sleep' | 'timer' | 'retry' | 'timeout';
  /** The key of the attempt that it happens to. */
  readonly at: string;
  readonly effect?: EffectRef;
  /** Which of its like it is. */
  readonly place?: string;
  /** It is there in case that nothing else comes: under a controlled order it fires where its attempt has only that left. */
  readonly isGuard?: boolean;
  /** It is a guard by its name, and not only because it never fired. */
  readonly isLimit?: () => boolean;
  /** Whether what has to come before it has happened. */
  readonly isReady?: () => boolean;
}
