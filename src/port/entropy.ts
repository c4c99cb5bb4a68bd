/**
 * Supplies what the caller did not choose: run ids and seeds. Draws inside nodes never come from here: they derive from
 * the seed.
 */
export interface Entropy {
  runId(): string;
  seed(): string;
  /** Names this process as an owner of runs. A run id is used if this is missing. */
  owner?(): string;
  /**
   * Whether an owner is known to be dead: a process of this machine that no longer exists. Nothing where that cannot be
   * told.
   */
  isGone?(owner: string): boolean | undefined;
}
