// Tasks inside an attempt. Code that runs inside one is told apart from what runs beside it in the same node, in whatever
// order the two ask for things.
import { AsyncLocalStorage } from 'node:async_hooks';

/** What is said about a task when it is opened. */
export interface TaskRequest {
  readonly name: string;
  readonly key?: string | undefined;
  readonly input?: unknown;
}

/** Opens tasks inside one attempt. */
export interface TaskOpener {
  /** Calls `code` inside a new task, and gives what it returns. */
  run(request: TaskRequest, code: () => unknown): unknown;
}

/** A task in whose asynchronous context code runs. */
export interface CurrentTask {
  /** The attempt that it is inside of: a context may be left over from another one. */
  readonly attempt: object;
  /** The names from the attempt down: `left#0/search#1`. */
  readonly path: string;
}

export const currentTask = new AsyncLocalStorage<CurrentTask>();

/** The path of the task of this attempt that is running; undefined outside of all its tasks. */
export function taskPath(attempt: object): string | undefined {
  const task = currentTask.getStore();
  return task?.attempt === attempt ? task.path : undefined;
}
