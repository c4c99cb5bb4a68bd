import type { AmbientReads } from '../../port/ambient-reads.ts';
import { currentAttempt } from '../../port/attempt.ts';

/** Where the reads of the code that runs now come from; undefined outside of nodes, where they are real. */
export function readsNow(): AmbientReads | undefined {
  return currentAttempt.getStore()?.ambient.reads;
}
