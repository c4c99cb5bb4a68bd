/** The turns of the event loop. */
export interface EventLoop {
  /** The number of the turn in which it is called. */
  turn(): number;
  /** Calls back in this turn, after all that needs no other turn: every promise that is settled has told so. */
  settled(callback: () => void): void;
  /** Calls back in the next turn. */
  next(callback: () => void): void;
  /**
   * Whether this turn has lasted so long that others should get theirs. `pieces`: asked between pieces of work, and the
   * next one may take much longer than those before it.
   */
  isTurnOver(between?: 'pieces'): boolean;
  /** Calls back in a later turn, after those who have waited longer. */
  inLaterTurn(callback: () => void): void;
  /** Watches a run, or several, for the moments at which nothing is under way. */
  watch(): Quiet;
}

/**
 * Quiet is one whole turn of the event loop in which nothing stirs and no work of Node that the code of an attempt began
 * (reading a file, a hash, compression) is under way.
 */
export interface Quiet {
  /** An attempt asked for something, ended, yielded or set a timer. */
  stir(): void;
  /** Nothing is quiet until the returned function is called. */
  hold(): () => void;
  /** Does something once all is quiet and it is first in line. The returned function withdraws it. */
  when(idle: Idle): () => void;
  /** Whether it sees all the work of nodes from now on: what began unseen cannot be waited for. */
  see(all: boolean): void;
  /** An attempt has begun work of Node of its own. `others`: the attempts that had some under way. */
  readonly workBegan?: ((at: string, others: readonly string[]) => void) | undefined;
  /** What was waited for in vain: it took too long, and nobody could tell whether it would end. */
  readonly uncontrolled: readonly string[];
  /** Nothing is waited for any more. */
  close(): void;
}

/** Something that waits until all is quiet. */
export interface Idle {
  /**
   * What was recorded comes before timers that were not. `unmet` waits longest: something that it depends on has not
   * come, and may be under way where nobody sees it. `stalled` comes when nothing else is left.
   */
  readonly rank: 'recorded' | 'timer' | 'unmet' | 'stalled';
  /** Its place among those of its rank: a place in the recorded order, or a time. */
  readonly due: number;
  /** Asked in each turn: if this is so, it does not have to wait until all is quiet. */
  readonly isReady?: (() => boolean) | undefined;
  go(): void;
}
