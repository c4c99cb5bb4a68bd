// The scope of the engine in which a request was made. A connection is opened in another one, since opening it is the
// effect, or was opened for another request. What a client is told, and does then, still belongs to who asked.
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { currentTask } from '../../port/task.ts';

/** Calls a function in the scope. What the user keeps in contexts of their own stays as the client has it. */
export type InScope = <Result>(call: () => Result) => Result;

/** The scope of the caller. */
export function callerScope(attempt: CurrentAttempt): InScope {
  const task = currentTask.getStore();
  return (call) =>
    currentAttempt.getStore() === attempt && currentTask.getStore() === task
      ? call()
      : currentAttempt.run(attempt, () => currentTask.run(task as never, call));
}
