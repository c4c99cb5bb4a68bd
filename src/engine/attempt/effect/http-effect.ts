// An HTTP exchange of unchanged code. The interception performs it; the protocol says when, and journals what came
// back. The answer goes straight to the client, which reads it as a stream.
import { canonicalValue } from '../../../base/value.ts';
import type { EffectOutcome, OutcomeFacts } from '../../../journal/entry.ts';
import type { ExchangeRequest, GivenOutcome, OnDoubt, OpenExchange } from '../../../port/attempt.ts';
import { bodyPace } from './body-pace.ts';
import type { Effect, EffectKind } from './effect.ts';
import type { EffectProtocol } from './effect-protocol.ts';

export function openExchange(protocol: EffectProtocol, request: ExchangeRequest): OpenExchange {
  const kind = new HttpEffect(protocol, request);
  const identity = request.identify(protocol.setup.parts.run);
  let effect: Effect;
  try {
    effect = protocol.ask({ type: 'http', name: 'http', request: identity }, kind);
  } catch (refused) {
    return {
      answer: { kind: 'refused', error: refused as Error },
      ready: undefined,
      settle: ignore,
      arrived: ignore,
      idempotencyKey: '',
    };
  }
  return {
    ...kind.opened(),
    settle: (outcome, facts) => effect.settle(canonicalOutcome(outcome), facts),
    arrived: () => effect.arrived(),
    pace: bodyPace(protocol.setup.parts.order.followed, effect.recordedOrder),
    get idempotencyKey() {
      return protocol.idempotencyKey(effect.ref);
    },
  };
}

const ignore = (): void => undefined;

/** What is known about the exchange when it is opened. */
type Progress =
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'performing'; readonly ready: Promise<undefined> | undefined }
  | { readonly kind: 'answered'; readonly outcome: EffectOutcome; readonly facts: OutcomeFacts | undefined };

class HttpEffect implements EffectKind {
  readonly delivery = 'direct';
  readonly #protocol: EffectProtocol;
  readonly #request: ExchangeRequest;
  #progress: Progress = { kind: 'unanswered' };
  /** For an exchange that is held back or answered later: resolves when it may be sent, or to its outcome. */
  #held: PromiseWithResolvers<GivenOutcome | undefined> | undefined;

  constructor(protocol: EffectProtocol, request: ExchangeRequest) {
    this.#protocol = protocol;
    this.#request = request;
  }

  get onDoubt(): OnDoubt | undefined {
    return this.#request.onDoubt;
  }

  opened(): Pick<OpenExchange, 'answer' | 'ready'> {
    const progress = this.#progress;
    if (progress.kind === 'performing') return { answer: { kind: 'perform' }, ready: progress.ready };
    if (progress.kind === 'answered') {
      const { outcome, facts } = progress;
      return { answer: { kind: 'answered', outcome, ...(facts === undefined ? {} : { facts }) }, ready: undefined };
    }
    if (this.#held === undefined) return { answer: { kind: 'silent' }, ready: undefined };
    return { answer: { kind: 'perform' }, ready: this.#held.promise };
  }

  held(): void {
    this.#held = Promise.withResolvers();
  }

  perform(effect: Effect): void {
    const { journal } = this.#protocol.setup.parts;
    if (effect.begun === undefined && (this.onDoubt ?? 'retry') !== 'retry') effect.journalBegin();
    const ready = journal.ready()?.then(() => undefined);
    this.#progress = { kind: 'performing', ready };
    this.#held?.resolve(ready);
  }

  resolve(outcome: EffectOutcome, facts?: OutcomeFacts): void {
    const wasPerforming = this.#progress.kind === 'performing';
    this.#progress = { kind: 'answered', outcome, facts };
    if (!wasPerforming) this.#held?.resolve({ outcome, facts });
  }

  reject(error: Error): void {
    if (this.#held !== undefined && this.#progress.kind === 'unanswered') this.#held.reject(error);
    else this.#request.abandon();
  }

  abandon(): void {
    this.#request.abandon();
  }
}

function canonicalOutcome(outcome: EffectOutcome): EffectOutcome {
  return outcome.kind === 'value'
    ? { kind: 'value', value: canonicalValue(outcome.value, 'the HTTP response') }
    : { kind: 'error', error: canonicalValue(outcome.error, 'the HTTP error') };
}
