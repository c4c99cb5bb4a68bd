// What a node is given besides the state.
import type { Inputs } from './input-types.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { Routes } from './route-types.ts';
import type { CheckStorable } from './storable.ts';

export interface EffectOptions {
  /** Tells apart equal requests that are in flight at the same time. */
  readonly key?: string;
  /** The effect happens once for the task: further attempts are answered with the first success. */
  readonly once?: boolean;
  /**
   * What to do if the effect began and its outcome is unknown (after a crash; with `once`, after a timeout too): `retry`
   * (the default) with the same idempotency key, `fail` with `effect-in-doubt`, or `ask` a person.
   */
  readonly onDoubt?: 'retry' | 'fail' | 'ask';
}

export interface AskOptions<Given = unknown, Answer = Given> {
  /** Tells it apart from other questions of the task; `question` by default. */
  readonly name?: string;
  /** Any Standard Schema: an invalid answer is refused, and the question stays open. */
  readonly schema?: StandardSchema<Given, Answer>;
  /** How long to wait for the answer, in milliseconds. After that: the error `answer-timeout`, which the node may catch. */
  readonly timeoutMs?: number;
}

export interface PerformContext {
  /** Aborted once nothing waits for the response. */
  readonly signal: AbortSignal;
  /** The same for the same effect of a repeated attempt: pass it on, so that the other side can refuse to act twice. */
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
  /**
   * Asks a person. The run pauses when nothing else of its step is left to do; the process may end, and `resume` goes on
   * with the answer, days later. The node is then run again from its start, with what it did before from the journal.
   */
  ask<Given, Answer = Given>(question: unknown, options?: AskOptions<Given, Answer>): Promise<Answer>;
  /** Names the commit that this step ends with: `history`, `stateAt` and `fork` find it by that. */
  label(label: string): void;
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

export interface NodeContext<Input, I extends Inputs, Delta = unknown> extends ContextBase<Input>, Routes<I> {
  /** Gives a chunk, as a `yield` of a node that is an async generator does: a partial delta. */
  stream(chunk: Delta): void;
  /** Of a `resumable` node that is started again after a crash or a pause: the chunks that it gave. Else empty. */
  readonly resumed: readonly Delta[];
}
