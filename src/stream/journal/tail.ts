import type { Value } from '../../base/value.ts';
import type { Entry } from '../../journal/entry.ts';
import type { Segment } from '../../journal/fold/accumulator.ts';

/** The end of a journal that is written in this process, as far as it is in memory. */
export interface Tail {
  isStored(place: number): boolean;
  /** The entries from this place on that the store holds; undefined if it has to be asked for them. */
  recent(place: number): readonly Entry[] | undefined;
  /** The entries from this place on that the store does not hold yet; none if it holds that place. */
  unstored(place: number): readonly Entry[];
  /** The segment in which the attempt of these chunks folds them, if they were written not long ago. */
  segmentOf(deltas: readonly Value[]): Segment | undefined;
}
