/** Where a run gets what nobody chose: an id, a seed. Draws inside nodes never come from here, they derive from the seed. */
export interface Entropy {
  runId(): string;
  seed(): string;
}
