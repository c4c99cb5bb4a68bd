// The code of an async generator runs when it is asked for its next value: each time inside its task.
import { currentTask } from '../../../port/task.ts';
import type { CurrentTask } from '../../../port/task.ts';
import type { TaskEnds } from './task-settling.ts';

type Generator = AsyncGenerator<unknown, unknown>;

export function isAsyncGenerator(value: unknown): value is Generator {
  return Object.prototype.toString.call(value) === '[object AsyncGenerator]';
}

export function generatorIn(task: CurrentTask, generator: Generator, ends: TaskEnds): Generator {
  const step = async (
    move: () => Promise<IteratorResult<unknown, unknown>>,
  ): Promise<IteratorResult<unknown, unknown>> => {
    try {
      const result = await currentTask.run(task, move);
      if (result.done === true) ends.done(result.value);
      return result;
    } catch (thrown) {
      ends.failed(thrown);
      throw thrown;
    }
  };
  return {
    next: (...given: [] | [unknown]) => step(() => generator.next(...given)),
    return: (value) => step(() => generator.return(value)),
    throw: (thrown) => step(() => generator.throw(thrown)),
    async [Symbol.asyncDispose]() {
      await this.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
