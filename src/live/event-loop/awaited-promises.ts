// Where the code of an attempt waits: the promises that it made and that have not settled, each with the stack of its making.
// It costs a stack for each promise, so it is for a run that is known to wait for ever.
import { createHook } from 'node:async_hooks';
import { currentAttempt } from '../../port/attempt.ts';

export interface AwaitedPromise {
  readonly at: string;
  readonly node: string;
  readonly madeAt: Error;
}

const framesMax = 40;

/** Starts to look. */
export function watchPromises(): AwaitedPromises {
  return new AwaitedPromises();
}

export class AwaitedPromises implements Disposable {
  readonly #open = new Map<number, AwaitedPromise>();
  readonly #frames = Error.stackTraceLimit;
  readonly #hook = createHook({
    init: (id, type) => {
      const attempt = type === 'PROMISE' ? currentAttempt.getStore() : undefined;
      if (attempt?.isOpen !== true) return;
      this.#open.set(id, { at: attempt.at, node: attempt.node, madeAt: new Error('made here') });
    },
    promiseResolve: (id) => void this.#open.delete(id),
  });

  constructor() {
    Error.stackTraceLimit = framesMax;
    this.#hook.enable();
  }

  /** Of one attempt, the one that was made last first. */
  of(at: string): readonly AwaitedPromise[] {
    return [...this.#open.values()].filter((promise) => promise.at === at).reverse();
  }

  [Symbol.dispose](): void {
    this.#hook.disable();
    Error.stackTraceLimit = this.#frames;
  }
}
