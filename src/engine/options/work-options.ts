import { checkOptionKeys } from '../../base/option-check.ts';
import type { AnyRun } from '../../graph/run-types.ts';
import { count, invalid } from './option-values.ts';
import { checkSignal } from './run-options.ts';

export interface WorkOptions {
  /** How often to look for runs, in milliseconds; 1,000 by default. */
  readonly pollMs?: number;
  /** How many runs are driven at once; 8 by default. */
  readonly maxRuns?: number;
  /**
   * A run that does nothing but wait for longer than this leaves memory until then, and its place to another; 10,000
   * milliseconds by default.
   */
  readonly parkMs?: number;
  /** One round: it stops when the runs that could go on now have come to an end or a pause. */
  readonly isOnce?: boolean;
  /** Stops the worker, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Told of each run that came to an end, or to a pause, here. */
  readonly onRun?: (run: AnyRun) => void;
  /** Told of each run that could not be gone on with, and of a store that could not be read. */
  readonly onError?: (error: unknown, runId: string | undefined) => void;
}

export function checkedWork(options: WorkOptions): WorkOptions {
  checkOptionKeys(options, ['pollMs', 'maxRuns', 'parkMs', 'isOnce', 'signal', 'onRun', 'onError'], 'engine.work');
  count(options.pollMs, 'pollMs', 1_000, 1);
  count(options.maxRuns, 'maxRuns', 8, 1);
  count(options.parkMs, 'parkMs', 10_000, 0);
  if (options.isOnce !== undefined && typeof options.isOnce !== 'boolean')
    throw invalid('isOnce', 'true or false', options.isOnce);
  for (const name of ['onRun', 'onError'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw invalid(name, 'a function', options[name]);
  checkSignal(options);
  return options;
}
