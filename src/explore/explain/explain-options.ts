import { filledText, numberIn, wholeNumber } from '../../base/options/option-kind.ts';
import { optionShape } from '../../base/options/option-shape.ts';
import type { ExploreOptions } from '../explore-options.ts';

/**
 * How long `explain` looks for an order that comes out as recorded. More schedules help where many tasks run at once.
 */
export interface ExplainOptions extends Pick<ExploreOptions, 'timeMs' | 'seed' | 'only'> {
  /** How many runs to make at most, until an order is found that comes out as recorded; 2,000 by default. */
  readonly schedules?: number;
}

export const explainOptions = optionShape<ExplainOptions>('explain', {
  schedules: wholeNumber({ least: 1 }),
  timeMs: numberIn({ least: 1 }),
  seed: filledText,
  only: filledText,
});
