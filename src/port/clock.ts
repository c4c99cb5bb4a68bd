/** Time as the engine sees it. The real clock is in `live`; replays and tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls `fire` once after `delayMs`. The returned function cancels the timer. A `background` timer does not keep the
   * process alive.
   */
  setTimer(delayMs: number, fire: () => void, kind?: 'background'): () => void;
}
