// The context of a function that cleans up. It cannot ask: nobody may be there to answer, and the end of the run waits
// for it.
import { checkOptions, noOptions } from '../../../base/options/option-shape.ts';
import type { CleanUpContext, CleanUpEffectOptions, PerformContext } from '../../../graph/types/context-types.ts';
import { checkDelay, cleanUpEffectOptions } from '../../options/context-options.ts';
import { refuseNested } from '../scope/attempt-scope.ts';
import type { AttemptScope } from '../scope/attempt-scope.ts';
import { callEffect } from '../effect/kind/call-effect.ts';
import { sleepEffect } from '../effect/kind/sleep-effect.ts';

export class CleanUpContextView implements CleanUpContext {
  readonly #scope: AttemptScope;

  constructor(scope: AttemptScope) {
    this.#scope = scope;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get sleep() {
    return async (delayMs: number, name = ''): Promise<void> => {
      this.#guard('sleep()');
      checkDelay(delayMs);
      return sleepEffect(this.#scope.held.effects, delayMs, name);
    };
  }

  get effect() {
    return async (
      name: string,
      request: unknown,
      perform: (request: never, context: PerformContext) => unknown,
      options: CleanUpEffectOptions = noOptions,
    ): Promise<never> => {
      this.#guard(`effect("${name}")`);
      checkOptions(cleanUpEffectOptions, options);
      return callEffect(this.#scope.held.effects, { name, request, perform, options }) as Promise<never>;
    };
  }

  #guard(what: string): void {
    if (!this.#scope.isOpen) throw this.#scope.refusal(what);
    refuseNested(this.#scope, what);
  }
}
