import type { TraceItem } from '../order/trace.ts';
import { fifoStrategy } from './fifo.ts';
import { lowest } from './strategy.ts';
import type { Strategy } from './strategy.ts';

/** What has the lowest rank happens first. Of equal ranks, `base` picks. */
export function rankedStrategy(
  name: string,
  rankOf: (item: TraceItem) => number,
  base: Strategy = fifoStrategy,
): Strategy {
  return {
    name,
    pick(ready, happened) {
      const least = rankOf(ready[lowest(ready, rankOf)] as TraceItem);
      const first = ready.filter((item) => rankOf(item) === least);
      const picked = first.length === 1 ? 0 : base.pick(first, happened);
      return ready.indexOf(first[picked] as TraceItem);
    },
  };
}

/** What was listed comes in the order of the list, and before everything else. */
export function listedStrategy(keys: Iterable<string>, base: Strategy = fifoStrategy): Strategy {
  const places = new Map<string, number>();
  for (const key of keys) places.set(key, places.size);
  return rankedStrategy('listed', ({ event }) => places.get(event.key) ?? Number.POSITIVE_INFINITY, base);
}
