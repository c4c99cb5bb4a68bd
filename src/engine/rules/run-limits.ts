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
