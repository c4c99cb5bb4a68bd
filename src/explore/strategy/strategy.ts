import type { Trace, TraceItem } from '../order/trace.ts';

/** Picks what happens next. */
export interface Strategy {
  readonly name: string;
  /** The place in `ready` of what happens next. `ready` has two items at least, in the order in which they arrived. */
  pick(ready: readonly TraceItem[], happened: Trace): number;
}

/** Strategies keep what they know of one run, so each run has its own. */
export type MakeStrategy = () => Strategy;

/** The place of the item that comes first. */
export function firstBy<Item>(items: readonly Item[], isBefore: (left: Item, right: Item) => boolean): number {
  let first = 0;
  for (let place = 1; place < items.length; place += 1)
    if (isBefore(items[place] as Item, items[first] as Item)) first = place;
  return first;
}

/** The place of the item with the lowest rank; of equal ones, the first. */
export function lowest<Item>(items: readonly Item[], rankOf: (item: Item) => number): number {
  let first = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let place = 0; place < items.length; place += 1) {
    const rank = rankOf(items[place] as Item);
    if (rank >= least) continue;
    least = rank;
    first = place;
  }
  return first;
}
