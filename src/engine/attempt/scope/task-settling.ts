import { currentTask } from '../../../port/task.ts';
import type { CurrentTask } from '../../../port/task.ts';

/** What a task is told when its code has ended. */
export interface TaskEnds {
  done(value: unknown): void;
  failed(thrown: unknown): void;
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * A promise of the same outcome, which tells the task first. A promise that begins its work when it is awaited, such as
 * a query of a database, begins it here, inside the task, and only once.
 */
export function settledIn(task: CurrentTask, returned: PromiseLike<unknown>, ends: TaskEnds): Promise<unknown> {
  const settled = new Promise((resolve, reject) => {
    currentTask.run(task, () => returned.then(resolve, reject));
  });
  return settled.then(
    (value) => {
      ends.done(value);
      return value;
    },
    (thrown: unknown) => {
      ends.failed(thrown);
      throw thrown;
    },
  );
}
