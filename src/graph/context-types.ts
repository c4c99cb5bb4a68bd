// What a node is given besides the state.
import type { Inputs } from './input-types.ts';
import type { Routes } from './route-types.ts';
import type { CheckStorable } from './storable.ts';

export interface EffectOptions {
  /** Tells apart equal requests that are in flight at once. */
  readonly key?: string;
  /** It happens once for the task: further attempts are answered with what the first success gave. */
  readonly once?: boolean;
}

export interface PerformContext {
  /** Aborted when nobody waits for the response any more. */
  readonly signal: AbortSignal;
  /** The same for the same effect of a repeated attempt: hand it to the outside, which may then refuse to act twice. */
  readonly idempotencyKey: string;
}

export interface EmitOptions {
  /** Events are ordered within a stream. */
  readonly stream?: string;
}

interface ContextBase<Input> {
  /** What the node was sent. */
  readonly input: Input;
  /** Aborted when the run is cancelled, a task before this one failed, or the attempt timed out. */
  readonly signal: AbortSignal;
  /** The key of this task: its step and its rank. */
  readonly key: string;
  /** 1 at first; a failure or a timeout adds one. */
  readonly attempt: number;
  /** The same for the same attempt after a crash. */
  readonly idempotencyKey: string;
  /** The time in milliseconds since 1970, recorded. A name gives it a place of its own among other calls. */
  now(name?: string): number;
  /** A number from 0 to below 1, derived from the seed of the run and the key of the attempt. */
  random(name?: string): number;
  /** A version-4 UUID, derived likewise. */
  uuid(name?: string): string;
  /** Waits; a replay does not. */
  sleep(delayMs: number, name?: string): Promise<void>;
  /** Reports something to the event sinks of the engine. */
  emit<Data = undefined>(name: string, data?: Data & CheckStorable<NoInfer<Data>, 'data'>, options?: EmitOptions): void;
  /** One recorded interaction with the outside: `perform` is called live, and never in a replay. */
  effect<Request, Response>(
    name: string,
    request: Request & CheckStorable<NoInfer<Request>, 'request'>,
    perform: ((request: Request, context: PerformContext) => Promise<Response> | Response) &
      CheckStorable<NoInfer<Response>, 'response'>,
    options?: EffectOptions,
  ): Promise<Response>;
}

export interface NodeContext<Input, I extends Inputs> extends ContextBase<Input>, Routes<I> {}
