// The options of `engine.work`.
import { abortSignal, anyFunction, filledText, trueOrFalse, wholeNumber } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';

export interface WorkOptions {
  /** How often to look for runs, in milliseconds; 1,000 by default. */
  readonly pollMs?: number;
  /** Which release of your code this is, such as `1.4.2` or a commit: `reprise workers` shows it. */
  readonly build?: string;
  /** How many runs are driven at once; 8 by default. */
  readonly maxRuns?: number;
  /**
   * How many runs of one `tenant` are driven at once, by all workers of the store together; without a limit by default. Runs
   * without a tenant have none.
   */
  readonly maxRunsPerTenant?: number;
  /**
   * A run that only waits, for longer than this, leaves memory until it is due and makes room for another; 10,000
   * milliseconds by default.
   */
  readonly parkMs?: number;
  /** One round: the worker stops once the runs that are due now have ended or paused. */
  readonly isOnce?: boolean;
  /** Stops the worker, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Called for each run that ended or paused here. */
  readonly onRun?: (run: AnyRun) => void;
  /** Called for each run that could not be resumed, and when the store cannot be read. */
  readonly onError?: (error: unknown, runId: string | undefined) => void;
}

export const workOptions = optionShape<WorkOptions>('engine.work', {
  pollMs: wholeNumber({ least: 1, orInfinity: true }),
  build: filledText,
  maxRuns: wholeNumber({ least: 1, orInfinity: true }),
  maxRunsPerTenant: wholeNumber({ least: 1, orInfinity: true }),
  parkMs: wholeNumber({ least: 0, orInfinity: true }),
  isOnce: trueOrFalse,
  signal: abortSignal,
  onRun: anyFunction,
  onError: anyFunction,
});

/** @throws RepriseError `option-invalid` */
export function checkedWork(options: WorkOptions): WorkOptions {
  checkOptions(workOptions, options);
  return options;
}
