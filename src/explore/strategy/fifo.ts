import { isBeforeInFifo } from '../order/trace.ts';
import type { TraceItem } from '../order/trace.ts';
import { firstBy } from './strategy.ts';
import type { Strategy } from './strategy.ts';

/** First in, first out: as in production, if everything took equally long. */
export const fifoStrategy: Strategy = { name: 'fifo', pick: firstInFirstOut };

/** What is ready without a time stands first, in the order in which it arrived. */
export function firstInFirstOut(ready: readonly TraceItem[]): number {
  return ready[0]?.due === undefined ? 0 : firstBy(ready, isBeforeInFifo);
}
