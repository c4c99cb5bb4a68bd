// The outside that the graphs of the store files call. An answer depends on the call alone, so a killed run and an
// uninterrupted one see the same world.
import type { EffectOptions, PerformContext } from '../../../../src/index.ts';

/** One call to the outside. `at`, `name` and `request` are unique within a run. */
export interface Call {
  /** The attempt that calls; empty for an HTTP request, which does not carry it. */
  readonly at: string;
  readonly name: string;
  readonly request: string;
  /** The idempotency key. */
  readonly key: string;
}

/** The name of a call that is never answered, so the attempt that makes it times out. */
export const neverAnswered = 'never';

export interface Outside {
  /** The base URL of its server, without a trailing slash. */
  readonly url: string;
  /** Resolves with the answer's arrival, or never: then the process is about to be killed. */
  call(call: Call): Promise<void>;
}

export function answerTo(name: string, request: string): string {
  return `${name} of ${request}`;
}

/** The part of a node's context that a call takes. */
interface Caller {
  readonly key: string;
  readonly attempt: number;
  effect(
    name: string,
    request: string,
    perform: (request: string, context: PerformContext) => Promise<string>,
    options?: EffectOptions,
  ): Promise<string>;
}

export type Ask = (caller: Caller, name: string, request: string, options?: EffectOptions) => Promise<string>;

export function askOf(outside: Outside): Ask {
  return (caller, name, request, options = {}) => {
    const at = `${caller.key}#${caller.attempt}`;
    const perform = async (asked: string, { idempotencyKey }: PerformContext): Promise<string> => {
      await outside.call({ at, name, request: asked, key: idempotencyKey });
      return answerTo(name, asked);
    };
    return caller.effect(name, request, perform, options);
  };
}
