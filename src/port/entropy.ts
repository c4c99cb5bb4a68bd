/** Where a run gets what nobody chose: an id, a seed. Draws inside nodes never come from here, they derive from the seed. */
export interface Entropy {
  runId(): string;
  seed(): string;
  /** Names this process as an owner of runs. Without it a run id does. */
  owner?(): string;
  /** Whether an owner is known to be dead: a process of this machine that is not there any more. */
  isGone?(owner: string): boolean;
}
