// Code that waited and was woken by an attempt that it does not belong to, such as the loop of an actor. What it keeps in its
// local variables no function leads to, so it cannot be read, and nothing is proved where there is some.
//   K1. Only what waits in a script of the user counts, by `await` or by a promise that it made. Code belongs to the attempt
//       in whose asynchronous context it began to wait, or to none.
//   K2. An attempt wakes it by settling the promise. So what runs beside the exploration, such as a test, wakes nothing.
import { createHook } from 'node:async_hooks';
import type { AsyncHook } from 'node:async_hooks';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { fileOf } from '../../port/source-paths.ts';

interface Waiting {
  readonly attempt: CurrentAttempt | undefined;
  readonly frame: string;
}

/** Deep enough to find who waits behind the frames of Node. */
const framesMax = 20;

export class WokenCode {
  readonly #isUserScript: (url: string) => boolean;
  /** By the number that Node gives a promise. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #hook: AsyncHook;
  /** The frames in which it waited. */
  readonly frames = new Set<string>();

  constructor(isUserScript: (url: string) => boolean) {
    this.#isUserScript = isUserScript;
    this.#hook = createHook({
      init: (id, type) => {
        if (type === 'PROMISE') this.#begins(id);
      },
      promiseResolve: (id) => this.#settles(id),
    });
  }

  /** To look slows down every promise of the process. */
  async during<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#hook.enable();
    try {
      return await run();
    } finally {
      this.#hook.disable();
    }
  }

  #begins(id: number): void {
    const frame = this.#userFrame();
    if (frame !== undefined) this.#waiting.set(id, { attempt: currentAttempt.getStore(), frame });
  }

  #settles(id: number): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    const attempt = currentAttempt.getStore();
    if (attempt !== undefined && !isSame(attempt, waiting.attempt)) this.frames.add(waiting.frame);
  }

  /** Of the user, if nobody but Node stands before it. */
  #userFrame(): string | undefined {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = framesMax;
    const { stack = '' } = new Error();
    Error.stackTraceLimit = before;
    const lines = stack.split('\n').slice(1);
    // The hook's own frames end with Node's, which has called it.
    const hooked = lines.findIndex((line) => line.includes('node:internal/async_hooks'));
    for (const line of lines.slice(hooked + 1)) {
      const file = fileOf(line.trim());
      if (file !== undefined) return this.#isUserScript(file) ? line.trim() : undefined;
    }
    return undefined;
  }
}

function isSame(attempt: CurrentAttempt, other: CurrentAttempt | undefined): boolean {
  return attempt.at === other?.at && attempt.ambient.quiet === other.ambient.quiet;
}
