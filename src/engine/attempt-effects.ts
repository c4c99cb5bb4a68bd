// The effects of one attempt: each is asked of the world, performed if it has to be, and journaled when it ends.
import { digestOf } from '../base/digest.ts';
import { sameValue } from '../base/equal.ts';
import { canonicalValue, ownView } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { effectIdentity } from '../journal/effect-identity.ts';
import type { EffectOutcome, EffectRef } from '../journal/entry.ts';
import { redactRequest } from '../journal/redact.ts';
import type { ExchangeRequest, OpenExchange } from '../port/attempt.ts';
import { performing } from '../port/performing.ts';
import type { Answer } from '../port/world.ts';
import type { Attempt } from './attempt.ts';
import { errorValue } from './failure.ts';

export interface EffectOptions {
  readonly key?: string;
  readonly once?: boolean;
}

export interface PerformContext {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
}

type Asked = Omit<EffectRef, 'occurrence'>;

interface OpenEffect {
  /** Ends it with an error on the node's side, since its attempt was aborted. */
  readonly drop: (reason: Error) => void;
  /** Stops an exchange that nobody reads to its end. */
  readonly abandon?: () => void;
}

export class AttemptEffects {
  readonly #attempt: Attempt;
  readonly #asked: EffectRef[] = [];
  readonly #open = new Set<OpenEffect>();
  #whenIdle: (() => void) | undefined;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  call(
    name: string,
    request: unknown,
    perform: (request: never, context: PerformContext) => unknown,
    options: EffectOptions,
  ): Promise<unknown> {
    const given = canonicalValue(request, `the request of effect "${name}"`, this.#limits);
    const once = options.once === true;
    const { ref, answer } = this.#ask({
      type: 'call',
      name,
      request: redactRequest(given),
      ...(options.key === undefined ? {} : { label: options.key }),
    });
    if (answer.kind === 'refused') return Promise.reject(answer.error);
    return new Promise((resolve, reject) => {
      const began = this.#clockNow();
      const open = this.#register({ drop: reject });
      const settle = (outcome: EffectOutcome): void =>
        this.#arrive(ref, open, outcome, { began, once }, resolve, reject);
      if (answer.kind === 'answered') settle(answer.outcome);
      else if (answer.kind === 'perform') this.#perform(ref, given, perform, settle, reject);
    });
  }

  #perform(
    ref: EffectRef,
    request: Value,
    perform: (request: never, context: PerformContext) => unknown,
    settle: (outcome: EffectOutcome) => void,
    reject: (error: unknown) => void,
  ): void {
    const attempt = this.#attempt;
    const begin = (): void => {
      if (!attempt.isOpen) return;
      const context: PerformContext = performContext(attempt, () => this.idempotencyKey(ref));
      const what = `the response of effect "${ref.name}"`;
      performing(attempt, async () => perform(ownView(request) as never, context))
        .then((value) => ({ kind: 'value', value: canonicalValue(value, what, this.#limits) }) as const)
        .catch((thrown: unknown) => ({ kind: 'error', error: errorValue(thrown, undefined) }) as const)
        .then(settle);
    };
    // Output commit: what the outside is about to see may depend on all that was journaled before.
    const durable = attempt.setup.core.flush();
    if (durable === undefined) begin();
    else durable.then(begin, reject);
  }

  sleep(delayMs: number, name: string): Promise<void> {
    const { ref, answer } = this.#ask({ type: 'sleep', name, request: delayMs });
    if (answer.kind === 'refused') return Promise.reject(answer.error);
    return new Promise((resolve, reject) => {
      const { clock } = this.#attempt.setup.core;
      const began = this.#clockNow();
      let cancel: (() => void) | undefined;
      const open = this.#register({
        drop: (reason) => {
          cancel?.();
          reject(reason);
        },
      });
      const end = (): void => {
        this.#arrive(ref, open, { kind: 'value', value: undefined }, { began, once: false }, () => resolve(), reject);
      };
      if (answer.kind === 'perform') cancel = clock.setTimer(delayMs, end);
      else if (answer.kind === 'answered') end();
    });
  }

  now(name: string): number {
    const { ref, answer } = this.#ask({ type: 'now', name, request: undefined });
    if (answer.kind === 'refused') throw answer.error;
    const time = this.#clockNow();
    const value = answer.kind === 'answered' && answer.outcome.kind === 'value' ? answer.outcome.value : time;
    this.#journal(ref, { kind: 'value', value }, { began: time, once: false });
    return value as number;
  }

  openExchange(exchange: ExchangeRequest): OpenExchange {
    const { ref, answer } = this.#ask({ type: 'http', name: 'http', request: exchange.request });
    const began = this.#clockNow();
    const open = this.#register({ drop: () => exchange.abandon(), abandon: () => exchange.abandon() });
    const settle = (outcome: EffectOutcome, parts: readonly number[]): void => {
      if (!this.#open.delete(open)) return;
      if (this.#attempt.isOpen) this.#journal(ref, canonicalOutcome(outcome), { began, once: false, parts });
      this.#checkIdle();
    };
    if (answer.kind !== 'perform') {
      this.#open.delete(open);
      if (answer.kind === 'answered')
        this.#journal(ref, answer.outcome, {
          began,
          once: false,
          ...(answer.parts === undefined ? {} : { parts: answer.parts }),
        });
    }
    const ready = answer.kind === 'perform' ? this.#attempt.setup.core.flush() : undefined;
    return {
      answer,
      ready: ready === undefined ? undefined : ready,
      settle,
      idempotencyKey: this.idempotencyKey(ref),
    };
  }

  idempotencyKey(ref: EffectRef): string {
    const { core, world } = this.#attempt.setup;
    return digestOf(JSON.stringify([core.runId, world.drawKey, effectIdentity(ref), ref.occurrence])).slice(0, 32);
  }

  /** Calls back when no effect is open; bodies that nobody reads any more are stopped, so that this comes. */
  whenIdle(callback: () => void): void {
    if (this.#open.size > 0) {
      const left = [...this.#open].filter((open) => open.abandon !== undefined);
      if (left.length > 0) {
        const { core } = this.#attempt.setup;
        core.notes.add({
          kind: 'left-open',
          at: this.#attempt.at,
          node: this.#attempt.node,
          message: `${left.length} HTTP exchange(s) were not read to the end`,
        });
      }
      for (const open of left) open.abandon?.();
    }
    if (this.#open.size === 0) callback();
    else this.#whenIdle = callback;
  }

  /** The attempt was aborted: what still waits is told so, and nothing more is journaled. */
  drop(reason: Error): void {
    const open = [...this.#open];
    this.#open.clear();
    for (const effect of open) effect.drop(reason);
  }

  #ask(asked: Asked): { ref: EffectRef; answer: Answer } {
    const { world } = this.#attempt.setup;
    const ref: EffectRef = { ...asked, occurrence: this.#occurrence(asked) };
    this.#asked.push(ref);
    return { ref, answer: world.answer(ref) };
  }

  #occurrence(asked: Asked): number {
    let occurrence = 0;
    for (const earlier of this.#asked) {
      if (
        earlier.type === asked.type &&
        earlier.name === asked.name &&
        earlier.label === asked.label &&
        sameValue(earlier.request, asked.request)
      ) {
        occurrence += 1;
      }
    }
    return occurrence;
  }

  #arrive(
    ref: EffectRef,
    open: OpenEffect,
    outcome: EffectOutcome,
    facts: { readonly began: number; readonly once: boolean },
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
  ): void {
    this.#attempt.setup.core.oracle.arrive({
      kind: ref.type === 'sleep' ? 'sleep' : 'effect',
      at: this.#attempt.at,
      label: ref.name,
      deliver: () => {
        if (!this.#open.delete(open)) return;
        this.#journal(ref, outcome, facts);
        if (outcome.kind === 'value') resolve(ownView(outcome.value));
        else reject(outcome.error);
        this.#checkIdle();
      },
    });
  }

  #journal(
    ref: EffectRef,
    outcome: EffectOutcome,
    facts: { readonly began: number; readonly once: boolean; readonly parts?: readonly number[] },
  ): void {
    this.#attempt.setup.core.add({
      kind: 'effect',
      at: this.#attempt.at,
      ...ref,
      outcome,
      ...(facts.once ? { once: true } : {}),
      observed: {
        began: facts.began,
        ended: this.#clockNow(),
        ...(facts.parts === undefined ? {} : { parts: facts.parts }),
      },
    });
  }

  #register(open: OpenEffect): OpenEffect {
    this.#open.add(open);
    return open;
  }

  #checkIdle(): void {
    if (this.#open.size > 0 || this.#whenIdle === undefined) return;
    const callback = this.#whenIdle;
    this.#whenIdle = undefined;
    callback();
  }

  #clockNow(): number {
    return this.#attempt.setup.core.clock.now();
  }

  get #limits(): { readonly maxBytes: number } {
    return this.#attempt.setup.core.limits;
  }
}

function canonicalOutcome(outcome: EffectOutcome): EffectOutcome {
  return outcome.kind === 'value'
    ? { kind: 'value', value: canonicalValue(outcome.value, 'the HTTP response') }
    : { kind: 'error', error: canonicalValue(outcome.error, 'the HTTP error') };
}

function performContext(attempt: Attempt, key: () => string): PerformContext {
  return {
    get signal() {
      return attempt.signal;
    },
    get idempotencyKey() {
      return key();
    },
  };
}
