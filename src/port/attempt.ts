// How the outside finds out which attempt it is being called from: an exchange belongs to the task in whose
// asynchronous context it starts. The engine puts an attempt there around a node; HTTP interception and the guard of a
// replay look it up.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Value } from '../base/value.ts';
import type { EffectOptions } from '../graph/context-types.ts';
import type { EffectOutcome } from '../journal/entry.ts';
import type { Answer } from './world.ts';

/** What to do about an effect whose outcome is unknown, after a crash or in an attempt that was aborted. */
export type OnDoubt = NonNullable<EffectOptions['onDoubt']>;

/** An HTTP exchange that the outside is about to make inside an attempt. */
export interface ExchangeRequest {
  /** The identity of the request (see journal/http/http-request.ts): canonical, credentials replaced. */
  readonly request: Value;
  /**
   * The attempt is over and nobody has read the answer to its end: stop it. Called at most once, and never after
   * `settle`; whoever stops it still settles it, with what was taken until then.
   */
  abandon(): void;
  /** What to do where nobody knows whether it happened; 'retry' by default. */
  readonly onDoubt?: OnDoubt;
}

export interface OpenExchange {
  readonly answer: Exclude<Answer, { readonly kind: 'silent' }> | { readonly kind: 'silent' };
  /** For the outside: equal for the same exchange in a re-entered attempt. */
  readonly idempotencyKey: string;
  /**
   * Resolves when the request may be sent: wait for it before the first byte leaves. Resolves with an outcome if somebody
   * decided that it is not to be sent; rejects if the attempt is stopped first.
   */
  readonly ready: Promise<EffectOutcome | undefined> | undefined;
  /** The exchange has ended (only where `answer` is 'perform'): journals it. `parts`: byte lengths as they came. */
  settle(outcome: EffectOutcome, parts: readonly number[]): void;
}

export interface CurrentAttempt {
  readonly at: string;
  readonly node: string;
  /** True inside `perform`: the outer effect is the record, nothing in it is intercepted. */
  readonly isPerforming: boolean;
  /** False once the attempt is over: what comes from it now is refused. */
  readonly isOpen: boolean;
  readonly signal: AbortSignal;
  openExchange(request: ExchangeRequest): OpenExchange;
  /** The error for what a detached or finished task still tries. */
  refusal(what: string): Error;
  /** A promise was rejected here that nobody awaited: it is named in the run's result. */
  noteRejection(reason: unknown): void;
  /** Something that no journal can hold was done here (a raw socket, a child process): named in the run's summary. */
  noteUnrecorded(what: string): void;
}

export const currentAttempt = new AsyncLocalStorage<CurrentAttempt>();
