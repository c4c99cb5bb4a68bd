// The options of `engine.work`.
import { RepriseError } from '../../base/error.ts';
import { abortSignal, anyFunction, filledText, trueOrFalse, wholeNumber } from '../../base/options/option-kind.ts';
import type { OptionKind } from '../../base/options/option-kind.ts';
import { checkOptions, optionShape } from '../../base/options/option-shape.ts';
import type { AnyRun } from '../../graph/types/run-types.ts';

/**
 * How many runs a worker drives, how often it looks for them, and who hears of them. Without options it drives up to 8
 * runs and looks once a second.
 */
export interface WorkOptions {
  /** How often to look for runs, in milliseconds; 1,000 by default, and 100 for tasks in a store that tells of nothing. */
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
  /**
   * Makes tasks of these nodes instead of driving runs: those of runs that others drive, or this engine. The nodes are marked
   * `on: 'workers'`.
   */
  readonly tasks?: readonly string[];
  /** With `tasks`: how many are made at once; 8 by default. */
  readonly width?: number;
  /** One round: the worker stops once the runs that are due now have ended or paused. */
  readonly isOnce?: boolean;
  /** Stops the worker, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Called for each run that ended or paused here. */
  readonly onRun?: (run: AnyRun) => void;
  /** Called for each run that could not be resumed, and when the store cannot be read. */
  readonly onError?: (error: unknown, runId: string | undefined) => void;
}

const listOfNodes: OptionKind = {
  wanted: 'a list of names of nodes',
  fits: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string'),
};

export const workOptions = optionShape<WorkOptions>('engine.work', {
  pollMs: wholeNumber({ least: 1, orInfinity: true }),
  build: filledText,
  tasks: listOfNodes,
  width: wholeNumber({ least: 1, orInfinity: true }),
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
  const { tasks } = options;
  const useless =
    tasks === undefined ? (['width'] as const) : (['maxRuns', 'maxRunsPerTenant', 'parkMs', 'onRun'] as const);
  for (const option of useless) {
    if (options[option] === undefined) continue;
    const what = tasks === undefined ? 'is about tasks' : 'is about runs, and a worker with `tasks` drives none';
    throw new RepriseError('option-invalid', `engine.work: \`${option}\` ${what}`, {
      nextStep: tasks === undefined ? 'Leave it out, or pass `tasks`.' : 'Leave it out, or start a second worker.',
      fields: { option },
    });
  }
  return options;
}

/** @throws RepriseError `option-invalid` for a node that does not run on workers */
export function checkTasks(tasks: readonly string[], onWorkers: readonly string[]): void {
  const other = tasks.find((name) => !onWorkers.includes(name));
  if (other === undefined) return;
  const nodes = onWorkers.length === 0 ? 'no node of this graph does' : `those that do: ${onWorkers.join(', ')}`;
  throw new RepriseError(
    'option-invalid',
    `engine.work: node ${JSON.stringify(other)} does not run on workers; ${nodes}`,
    {
      nextStep: "Mark the node with `on: 'workers'`, or leave it out of `tasks`.",
      fields: { option: 'tasks', node: other },
    },
  );
}
