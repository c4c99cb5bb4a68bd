// What was done in a step that a cancel, a limit or a failure stopped, beside what counts of it.
import { atOnce } from '../../base/in-pieces.ts';
import type { Entry } from '../../journal/entry.ts';
import { inCanonicalOrder } from '../../journal/run/canonical-order.ts';

/** The entries of a step and those that count for nothing, in canonical order: all of it has happened. */
export function withUncounted(entries: readonly Entry[], uncounted: readonly Entry[]): readonly Entry[] {
  return uncounted.length === 0 ? entries : atOnce(inCanonicalOrder([...entries, ...uncounted]));
}
