// An HTTP exchange of unchanged code. The interception performs it; the protocol says when, and journals what came
// back. The answer goes straight to the client, which reads it as a stream. An exchange that outlives its attempt
// belongs to the pool of the run.
import { canonicalValue } from '../../../../base/value.ts';
import type { Value } from '../../../../base/value.ts';
import type { EffectOutcome, EffectRef, OutcomeFacts } from '../../../../journal/entry.ts';
import type { Delivered, ExchangeRequest, GivenOutcome, OpenExchange } from '../../../../port/attempt.ts';
import type { Answer, AnsweredBefore } from '../../../../port/world.ts';
import type { PooledExchange } from '../../../run/exchange-pool.ts';
import type { RunParts } from '../../../run/run-parts.ts';
import type { Effect, EffectKind } from '../effect.ts';
import type { EffectPolicy } from '../effect-policy.ts';
import type { EffectProtocol } from '../effect-protocol.ts';

/** Resolves when what was journaled before the request is durable. */
export function readyToSend({ journal }: RunParts): Promise<undefined> | undefined {
  const ready = journal.ready()?.then(() => undefined);
  if (ready !== undefined) neverUncaught(ready);
  return ready;
}

/** A request that leaves while it is written waits for nothing once it is named. The run learns of a failing store itself. */
function neverUncaught(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}

/** What is known about the exchange when it is opened. */
type Progress =
  | { readonly kind: 'unanswered' | 'forgotten' }
  | { readonly kind: 'performing'; readonly ready: Promise<undefined> | undefined }
  | { readonly kind: 'answered'; readonly outcome: EffectOutcome; readonly facts: OutcomeFacts | undefined };

export class HttpEffect implements EffectKind {
  readonly delivery = 'direct';
  readonly #protocol: EffectProtocol;
  readonly #request: ExchangeRequest;
  #progress: Progress = { kind: 'unanswered' };
  /** For an exchange that is held back or answered later: resolves when it may be sent, or to its outcome. */
  #held: PromiseWithResolvers<GivenOutcome | undefined> | undefined;
  /** What the journal holds of it. Its place comes later. */
  #known: GivenOutcome | undefined;
  /** Set if it was answered before its request was known whole. */
  compare: ((request: Value) => void) | undefined;
  /** Set once it has outlived its attempt. */
  #pooled: PooledExchange | undefined;

  constructor(protocol: EffectProtocol, request: ExchangeRequest) {
    this.#protocol = protocol;
    this.#request = request;
  }

  get policy(): EffectPolicy {
    return this.#request;
  }

  opened(): Pick<OpenExchange, 'answer' | 'ready' | 'known'> {
    const progress = this.#progress;
    if (progress.kind === 'performing') return { answer: { kind: 'perform' }, ready: progress.ready };
    if (progress.kind === 'answered') return { answer: givenAnswer(progress), ready: undefined };
    if (this.#held === undefined) return { answer: { kind: 'silent' }, ready: undefined };
    return { answer: { kind: 'perform' }, ready: this.#held.promise, known: this.#known };
  }

  held(known?: AnsweredBefore): void {
    if (known !== undefined) {
      this.#known = known.given ?? known;
      this.compare = known.compare;
    }
    if (this.#held !== undefined) return;
    this.#held = Promise.withResolvers();
    neverUncaught(this.#held.promise);
  }

  perform(effect: Effect): void {
    const { parts, key, node } = this.#protocol.setup;
    if (effect.begun?.observed.unrecorded === true) {
      const message = `${requestText(effect.ref)}: it is sent again, because its answer had not been recorded`;
      parts.notes.add({ kind: 'sent-again', at: key, node: node.name, message });
    }
    if (effect.begun === undefined && (this.#request.onDoubt ?? 'retry') !== 'retry') effect.journalBegin();
    const ready = readyToSend(parts);
    this.#progress = { kind: 'performing', ready };
    this.#held?.resolve(ready);
  }

  settle(effect: Effect, outcome: EffectOutcome, facts: OutcomeFacts): void {
    if (this.#pooled === undefined) effect.settle(outcome, facts);
    else this.#protocol.setup.parts.pool.settle(this.#pooled, outcome, facts);
  }

  resolve(outcome: EffectOutcome, facts?: OutcomeFacts, compare?: (request: Value) => void): void {
    this.compare = compare;
    const wasPerforming = this.#progress.kind === 'performing';
    this.#progress = { kind: 'answered', outcome, facts };
    if (!wasPerforming) this.#held?.resolve({ outcome, facts });
  }

  /**
   * Its answer cannot be recorded. The client keeps it: only the attempt stops waiting for it. What comes after it may
   * depend on it, so it is in doubt for an attempt that is entered again.
   */
  forget(effect: Effect): void {
    if (this.#pooled !== undefined) {
      this.#protocol.setup.parts.pool.forget(this.#pooled);
      return;
    }
    this.#progress = { kind: 'forgotten' };
    if (this.#protocol.setup.parts.run.semantics > 1) effect.journalBegin({ unrecorded: true });
    effect.fail(new Error('it is not recorded'));
  }

  reject(error: Error): void {
    if (this.#progress.kind === 'forgotten') return;
    if (this.#held !== undefined && this.#progress.kind === 'unanswered') this.#held.reject(error);
    else this.#request.abandon(this.#protocol.life.isOpen ? error : undefined);
  }

  leave(ref: EffectRef, began: number): Delivered | undefined {
    const { parts, key } = this.#protocol.setup;
    // Version 1 has no pool: an exchange is cut when its node returns, and settles with what was read of it.
    if (parts.run.semantics === 1) {
      this.#request.abandon();
      return undefined;
    }
    this.#pooled = { at: key, ref, began, request: this.#request };
    parts.pool.add(this.#pooled);
    return this.#head();
  }

  head(which: 'any' | 'unread'): Delivered | undefined {
    if (this.#progress.kind !== 'performing' || (which === 'unread' && !this.#request.isUnread())) return undefined;
    return this.#head();
  }

  #head(): Delivered {
    const { outcome, facts } = this.#request.delivered('head');
    return { outcome: canonicalOutcome(outcome), facts };
  }
}

function requestText({ request }: EffectRef): string {
  const { method, origin, path } = request as { readonly [name: string]: Value };
  return `${String(method)} ${String(origin)}${String(path)}`;
}

export function givenAnswer({
  outcome,
  facts,
}: Pick<Answered, 'outcome'> & { readonly facts?: OutcomeFacts | undefined }): Answer {
  return { kind: 'answered', outcome, ...(facts === undefined ? {} : { facts }) };
}

type Answered = Answer & { readonly kind: 'answered' };

/** How large a body may be was decided where it was taken. */
const unlimited = { maxBytes: Number.POSITIVE_INFINITY };

export function canonicalOutcome(outcome: EffectOutcome): EffectOutcome {
  return outcome.kind === 'value'
    ? { kind: 'value', value: canonicalValue(outcome.value, 'the HTTP response', unlimited) }
    : { kind: 'error', error: canonicalValue(outcome.error, 'the HTTP error') };
}
