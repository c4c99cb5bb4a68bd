// The options of `engine.history`.
import { wholeNumber } from '../../base/options/option-kind.ts';
import { optionShape } from '../../base/options/option-shape.ts';

export interface HistoryOptions {
  /** Only commits after this step. A long run is read from the checkpoint before it, not from its start. */
  readonly after?: number;
  /** At most so many, the earliest ones; all of them by default. */
  readonly limit?: number;
}

export const historyOptions = optionShape<HistoryOptions>('engine.history', {
  after: wholeNumber({ least: 0 }),
  limit: wholeNumber({ least: 1, orInfinity: true }),
});
