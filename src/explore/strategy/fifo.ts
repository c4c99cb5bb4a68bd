import { isBeforeInFifo } from '../order/trace.ts';
import { firstBy } from './strategy.ts';
import type { Strategy } from './strategy.ts';

/** First in, first out: as in production, if everything took equally long. */
export const fifoStrategy: Strategy = { name: 'fifo', pick: (ready) => firstBy(ready, isBeforeInFifo) };
