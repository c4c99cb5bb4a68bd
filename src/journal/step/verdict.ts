// What the outcome of an effect says about whether it happened. It is read from the journal, so that every process that
// drives the run, and every replay, comes to the same idempotency keys.
//   C1. An error that says so itself (`mayHaveHappened`) is believed before anything else.
//   C2. An answer that came decides before how the connection ended.
//   C3. An error of unknown kind is a refusal: a connection that broke always has a code or a name.
//   C4. What did not reach the service says nothing of an earlier try that may have.
import type { Value } from '../../base/value.ts';
import type { EffectOutcome, EffectRef } from '../entry.ts';

/**
 * `refused`: it is known that it did not happen, so the next try gets a new key. `unclear`: an answer came that does not
 * say so, such as one with status 503, or nothing was sent; the next try keeps the key, and an earlier doubt stays. `in doubt`:
 * no answer came, so the next try keeps the key and its policy decides whether there is one.
 */
export type Verdict = 'succeeded' | 'refused' | 'unclear' | 'in doubt';

export function verdictOf({ type }: Pick<EffectRef, 'type'>, outcome: EffectOutcome, semantics: number): Verdict {
  if (type === 'http') return outcome.kind === 'value' ? verdictOfAnswer(outcome.value, semantics) : 'unclear';
  if (outcome.kind === 'value') return 'succeeded';
  // Version 1 took every error of the outside for a refusal.
  if (semantics === 1) return isOwnError(outcome.error) ? 'in doubt' : 'refused';
  return verdictOfError(outcome.error);
}

/**
 * A call was made or a request was sent, and what came back leaves open whether it happened. The answer to an exchange is
 * for the client that sent it, whatever its status.
 */
export function isLost({ type }: Pick<EffectRef, 'type'>, outcome: EffectOutcome, semantics: number): boolean {
  if (semantics === 1 || (type !== 'call' && type !== 'http')) return false;
  if (outcome.kind === 'value') return type === 'http' && !hasHead(outcome.value);
  // One whose answer no journal can hold has happened, and a fault of the code is not made good by another try.
  if (isOwnError(outcome.error)) return false;
  const verdict = verdictOfError(outcome.error);
  return verdict === 'in doubt' || (verdict === 'unclear' && mayBeDone(statusOf(outcome.error)));
}

/** The server was reached, and may have done what it was asked for, or do it yet. */
function mayBeDone(status: number | undefined): boolean {
  return status !== undefined && (status >= 500 || workingStatuses.has(status));
}

const workingStatuses: ReadonlySet<number> = new Set([408, 409, 425]);

/** That of the error, or of what caused it. */
function statusOf(error: Value): number | undefined {
  if (!(error instanceof Error)) return undefined;
  return chainOf(error)
    .flatMap((each) => [each.status, each.statusCode])
    .find(isFailedStatus);
}

/** Whether it is the answer to an exchange, with a status of 400 or above. */
export function isFailedAnswer(outcome: EffectOutcome): boolean {
  if (outcome.kind !== 'value') return false;
  const { status } = (outcome.value ?? {}) as { readonly status?: Value };
  return typeof status === 'number' && status >= 400;
}

function hasHead(answer: Value): boolean {
  return typeof (answer as { readonly status?: Value } | undefined)?.status === 'number';
}

function verdictOfAnswer(answer: Value, semantics: number): Verdict {
  if (typeof answer !== 'object' || answer === null) return 'unclear';
  const { status, ended } = answer as { readonly status?: Value; readonly ended?: Value };
  if (typeof status !== 'number') return 'unclear';
  if (status >= 400) {
    if (semantics === 1) return status < 500 ? 'refused' : 'unclear';
    return verdictOfStatus(status);
  }
  return ended === 'complete' ? 'succeeded' : 'unclear';
}

/** Of a status of 400 and above. */
function verdictOfStatus(status: number): Verdict {
  return status >= 500 || unclearStatuses.has(status) ? 'unclear' : 'refused';
}

/**
 * The server gave up waiting, or still works on a request that has the same key; or what answered stands before all that
 * knows of keys, and says nothing of an earlier try that was lost. A new key would have the work done a second time.
 */
const unclearStatuses: ReadonlySet<number> = new Set([401, 403, 407, 408, 409, 425, 429]);

interface ErrorFacts {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly mayHaveHappened?: unknown;
  readonly errors?: unknown;
}

function verdictOfError(error: Value): Verdict {
  if (!(error instanceof Error)) return 'refused';
  // Reprise's own errors are about what came back, such as a response that no journal can hold.
  if (isOwnError(error)) return 'in doubt';
  const said = chainOf(error)
    .map(({ mayHaveHappened }) => mayHaveHappened)
    .find((says) => typeof says === 'boolean');
  if (said !== undefined) return said === true ? 'in doubt' : 'refused';
  const status = statusOf(error);
  if (status !== undefined) return verdictOfStatus(status);
  if (chainOf(error).some(hasLost)) return 'in doubt';
  return chainOf(error).some(wasNeverSent) ? 'unclear' : 'refused';
}

type Linked = Error & ErrorFacts;

/** The error, its causes, and those that an `AggregateError` holds. */
function chainOf(error: Linked): readonly Linked[] {
  const chain = [error];
  for (let place = 0; place < chain.length; place += 1) {
    const { cause, errors } = chain[place] as Linked;
    for (const inner of [cause, ...(Array.isArray(errors) ? errors : [])])
      if (inner instanceof Error && !chain.includes(inner)) chain.push(inner);
  }
  return chain;
}

function isFailedStatus(status: unknown): status is number {
  return typeof status === 'number' && status >= 400 && status < 600;
}

/** What was asked for had left, or may have, and no answer came. */
function hasLost({ name, message, code, syscall }: Linked): boolean {
  if (lostNames.has(name) || lostMessages.has(message)) return true;
  if (typeof code !== 'string') return false;
  if (isUnsent({ code, syscall })) return false;
  return lostCodes.has(code) || code.startsWith('UND_ERR_') || code.startsWith('ERR_HTTP2_');
}

/** A connection that was never made has carried nothing: neither this try, nor word of the one before it. */
function wasNeverSent({ code, syscall }: Linked): boolean {
  return typeof code === 'string' && (isUnsent({ code, syscall }) || unmadeCodes.has(code));
}

function isUnsent({ code, syscall }: { readonly code: string; readonly syscall: unknown }): boolean {
  return syscall === 'connect' || neverSent.has(code);
}

const unmadeCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Of time limits, aborts, and clients that had no answer. */
const lostNames: ReadonlySet<string> = new Set([
  'TimeoutError',
  'AbortError',
  'APIConnectionError',
  'APIConnectionTimeoutError',
  'StripeConnectionError',
]);

/** Errors that have neither a name nor a code of their own: of Node, of the clients of models, of `pg`. */
const lostMessages: ReadonlySet<string> = new Set([
  'socket hang up',
  'Request timed out.',
  'Connection terminated unexpectedly',
]);

const lostCodes: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EPIPE',
  'ENETRESET',
  'ENETDOWN',
  'ABORT_ERR',
  'ERR_CANCELED',
  'ERR_NETWORK',
  'ERR_SOCKET_CLOSED',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Errors of undici from before anything is written. */
const neverSent: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_INVALID_ARG', 'UND_ERR_CLOSED']);

function isOwnError(error: Value): boolean {
  return error instanceof Error && error.name === 'RepriseError';
}
