import type { Surroundings } from '../journal/run-facts.ts';

/** Where this process runs, as far as a run may depend on it. */
export type ReadSurroundings = () => Surroundings;
