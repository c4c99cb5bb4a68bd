import { RepriseError } from '../../base/error.ts';

export interface RunLimits {
  readonly maxSteps: number;
  readonly maxTasks: number;
}

/** The error of the limit that the next step would pass, if any. */
export function reachedLimit(
  { maxSteps, maxTasks }: RunLimits,
  stepCount: number,
  taskCount: number,
): RepriseError | undefined {
  if (stepCount >= maxSteps) {
    return new RepriseError('limit-reached', `the run has made ${maxSteps} steps and has more to do`, {
      nextStep: 'Look for a loop that does not end, or raise `maxSteps` of createEngine.',
      fields: { limit: 'maxSteps', maxSteps },
    });
  }
  if (taskCount <= maxTasks) return undefined;
  return new RepriseError('limit-reached', `a step has ${taskCount} tasks, and may have ${maxTasks}`, {
    nextStep: 'Look for a fan-out that multiplies, send in batches, or raise `maxTasks` of createEngine.',
    fields: { limit: 'maxTasks', maxTasks, taskCount },
  });
}

/** How many tasks a message names. */
const namedCountMax = 10;

/** The error of a run that was taken over too often, if it was. `underWay`: the tasks that were open each time. */
export function takeoverLimit(
  takeovers: number,
  maxTakeovers: number,
  underWay: () => readonly string[],
): RepriseError | undefined {
  if (takeovers <= maxTakeovers) return undefined;
  const tasks = underWay();
  const more = tasks.length > namedCountMax ? ` and ${tasks.length - namedCountMax} more` : '';
  const named = tasks.length === 0 ? 'no task' : `${tasks.slice(0, namedCountMax).join(', ')}${more}`;
  return new RepriseError(
    'takeover-limit',
    `the process that drove the run died or got stuck ${takeovers} times in a row before the run wrote anything new; ` +
      `under way: ${named}. Once the cause is mended, resume the run by its id`,
    {
      nextStep:
        'Find out why it takes its process with it (out of memory, a crash in native code, a loop that never ends), then resume it.',
      fields: { limit: 'maxTakeovers', maxTakeovers, takeovers, underWay: tasks.slice(0, namedCountMax) },
    },
  );
}
