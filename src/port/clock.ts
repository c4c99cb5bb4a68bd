/** Time, for the engine. The real one is in `live`; a replay and a test bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls `fire` once after `delayMs`; the returned function takes that back. `background`: it is no reason for the process to
   * go on.
   */
  setTimer(delayMs: number, fire: () => void, kind?: 'background'): () => void;
}
