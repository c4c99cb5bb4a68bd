import {
  abortSignal,
  anyFunction,
  filledText,
  numberIn,
  oneOf,
  trueOrFalse,
  wholeNumber,
} from '../base/options/option-kind.ts';
import { either, optionsIn } from '../base/options/option-parts.ts';
import { required } from '../base/options/option-kind.ts';
import { optionShape } from '../base/options/option-shape.ts';
import type { Compare } from './run/comparison.ts';
import type { Invariant } from './run/exploration.ts';
import { plannedFaults } from './fault/fault-plan.ts';
import type { PlannedFaults } from './fault/fault-plan.ts';

/**
 * How far `explore` looks and what it demands. Without options it tries up to 500 orders, without crashes or faults,
 * and demands the same journal in all of them.
 */
export interface ExploreOptions {
  /**
   * How many runs to make at most, until an order is found that changes the result; 500 by default. With `crashes` or
   * `faults`, half as many again in which they come together, and with other orders.
   */
  readonly schedules?: number;
  /** When to stop looking, in milliseconds of real time. */
  readonly timeMs?: number;
  /** Stops looking when it aborts. The report says what was shown until then. */
  readonly signal?: AbortSignal;
  /**
   * Called as each run begins, with which one it is and how many may be made, and again after every thousand `events` of a
   * long one. Code that is called from it sees the process in the middle of a run: show what it is told, and no more.
   */
  readonly onProgress?: (made: number, atMost: number, events: number) => void;
  /** What the drawn orders are drawn from; "0" by default. */
  readonly seed?: string;
  /** What has to be the same: `journal` by default, and `state` for an input with fakes, whose answers may differ. */
  readonly compare?: Compare;
  /** Called after each run. What it demands is broken if it throws or returns false. */
  readonly invariant?: Invariant;
  /**
   * Continues an exploration that has stopped: drawn orders from this number on, as its report says, and nothing of what
   * comes before them.
   */
  readonly from?: number;
  /** This process tries the drawn orders number `index`, `index + count` and so on. */
  readonly shard?: { readonly index: number; readonly count: number };
  /**
   * Whether to die as well: at every write of the run's store, before it and after it, and at every request that leaves;
   * each time another process resumes the run. With a number: at so many of these places, and with what is left of it
   * twice in a run.
   */
  readonly crashes?: boolean | number;
  /** Whether to keep a schedule that is found beside the fixture, where later explorations of it try it first. */
  readonly save?: boolean;
  /**
   * What fails, one thing in each run; the report says what became of the run. `tools`: each call fails once, and each
   * exchange with anything but a model has status 500. `models`: everything that can become of an answer, for exchanges with
   * models and calls that are answered with text: too many requests, no answer, a late one, half of one, an empty one,
   * another text, HTML. `all`: everything, for all of them.
   */
  readonly faults?: PlannedFaults;
  /** Only this schedule is tried, as a report has printed it; `recorded`: the order in which the run was recorded. */
  readonly only?: string;
}

export const exploreOptions = optionShape<ExploreOptions>(
  'explore',
  {
    schedules: wholeNumber({ least: 1 }),
    timeMs: numberIn({ least: 1 }),
    signal: abortSignal,
    onProgress: anyFunction,
    from: wholeNumber({ least: 0 }),
    seed: filledText,
    compare: either(oneOf('journal', 'state'), anyFunction),
    invariant: anyFunction,
    shard: optionsIn<NonNullable<ExploreOptions['shard']>>({
      index: required(wholeNumber({ least: 0 })),
      count: required(wholeNumber({ least: 1 })),
    }),
    crashes: either(trueOrFalse, wholeNumber({ least: 1 })),
    faults: oneOf(...plannedFaults),
    only: filledText,
    save: trueOrFalse,
  },
  ({ shard }) =>
    shard !== undefined && shard.index >= shard.count
      ? { option: 'shard', wanted: 'an `index` below `count`' }
      : undefined,
);
