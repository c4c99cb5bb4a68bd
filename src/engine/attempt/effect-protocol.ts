// The effects of one attempt: each is asked of the world, performed if it has to be, and journaled when it ends.
import { digestOf } from '../../base/digest.ts';
import { RepriseError } from '../../base/error.ts';
import { sameValue } from '../../base/equal.ts';
import { canonicalValue, ownView } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { effectIdentity } from '../../journal/effect-identity.ts';
import type { BeginEntry, EffectOutcome, EffectRef } from '../../journal/entry.ts';
import { redactRequest } from '../../journal/redact/redact.ts';
import type { ExchangeRequest, OnDoubt, OpenExchange } from '../../port/attempt.ts';
import { performing } from '../../port/performing.ts';
import type { Answer } from '../../port/world.ts';
import { Asking } from './ask-effect.ts';
import type { DoubtAnswer } from './ask-effect.ts';
import type { Attempt } from './attempt.ts';
import { errorValue } from '../rules/failure.ts';
import type { OnceUse } from '../run/once-ledger.ts';

/** Shorter sleeps begin anew after a crash. */
const sleepMsDurable = 1_000;

export interface EffectOptions {
  readonly key?: string;
  readonly once?: boolean;
  readonly onDoubt?: OnDoubt;
}

export interface PerformContext {
  readonly signal: AbortSignal;
  readonly idempotencyKey: string;
}

const comparedCountMax = 64;

type Asked = Omit<EffectRef, 'occurrence'>;
type Hold = NonNullable<(Answer & { readonly kind: 'perform' })['hold']>;

interface OpenEffect {
  /** Ends it with an error on the node's side, since its attempt was aborted. */
  readonly drop: (reason: Error) => void;
  /** Stops an exchange that nobody reads to its end. */
  readonly abandon?: () => void;
  /** It waits for somebody, and not for the outside. */
  isWaiting?: true;
}

interface Facts {
  readonly began: number;
  readonly once: boolean;
  readonly parts?: readonly number[];
}

export class AttemptEffects {
  readonly #attempt: Attempt;
  readonly #asked: EffectRef[] = [];
  readonly #open = new Set<OpenEffect>();
  #waitingCount = 0;
  #asking: Asking | undefined;
  /** Once there are many: how many there were of each identity. */
  #countByIdentity: Map<string, number> | undefined;
  #onceCounts: Map<string, number> | undefined;
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
    const asked: Asked = {
      type: 'call',
      name,
      request: redactRequest(given),
      ...(options.key === undefined ? {} : { label: options.key }),
    };
    const once = options.once === true ? this.#once(asked) : undefined;
    if (once?.isAnswered === true) return this.#deliver(name, () => ownView(once.value));
    const { ref, answer } = this.lookUp(asked);
    if (answer.kind === 'refused') return Promise.reject(answer.error);
    return new Promise((resolve, reject) => {
      const began = this.#clockNow();
      const settleIn =
        (open: OpenEffect) =>
        (outcome: EffectOutcome): void =>
          this.arrive(ref, open, outcome, { began, once: once !== undefined }, resolve, reject, once);
      if (answer.kind === 'answered') settleIn(this.register({ drop: reject }))(answer.outcome);
      else if (answer.kind === 'silent') this.register({ drop: reject });
      else {
        const isInDoubt = answer.began !== undefined || once?.isInDoubt === true;
        const begin = (): void => {
          const open = this.register({ drop: reject });
          if (answer.began === undefined && (once !== undefined || (options.onDoubt ?? 'retry') !== 'retry'))
            this.#journalBegin(ref, once !== undefined);
          once?.begin();
          this.#perform(ref, given, perform, settleIn(open), reject, once);
        };
        const go = (): void => {
          if (!isInDoubt) begin();
          else
            this.#inDoubt(ref, options.onDoubt, (decision) => {
              if (decision === 'retry') begin();
              else settleIn(this.register({ drop: reject }))(decision);
            });
        };
        if (answer.hold === undefined) go();
        else {
          this.holdBack(ref, answer.hold, reject, go);
        }
      }
    });
  }

  get asking(): Asking {
    this.#asking ??= new Asking(this.#attempt, this);
    return this.#asking;
  }

  #once(asked: Asked): OnceUse {
    this.#onceCounts ??= new Map();
    return this.#attempt.setup.core.once.use(this.#attempt.at, asked, this.#onceCounts);
  }

  /** Waits until everything that was journaled has been asked for again. */
  holdBack(ref: EffectRef, hold: Hold, reject: (reason: Error) => void, go: () => void): void {
    const held = this.register({
      drop: (reason) => {
        giveUp();
        reject(reason);
      },
    });
    const giveUp = hold(ref, () => {
      if (this.#attempt.isOpen) go();
      this.unregister(held);
    });
  }

  /** What becomes of an effect of which nobody knows whether it happened. */
  #inDoubt(ref: EffectRef, onDoubt: OnDoubt | undefined, decide: (answer: DoubtAnswer) => void): void {
    if (onDoubt === 'ask') this.asking.askInDoubt(ref, decide);
    else decide(onDoubt === 'fail' ? { kind: 'error', error: errorValue(doubtError(ref), undefined) } : 'retry');
  }

  /** Something that the journal holds already comes back: in the order that the oracle says, like everything. */
  #deliver(label: string, give: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const open = this.register({ drop: reject });
      this.#attempt.setup.core.oracle.arrive({
        kind: 'effect',
        at: this.#attempt.at,
        label,
        deliver: () => {
          if (!this.#open.has(open)) return;
          resolve(give());
          this.unregister(open);
        },
      });
    });
  }

  #perform(
    ref: EffectRef,
    request: Value,
    perform: (request: never, context: PerformContext) => unknown,
    settle: (outcome: EffectOutcome) => void,
    reject: (error: unknown) => void,
    once: OnceUse | undefined,
  ): void {
    const attempt = this.#attempt;
    const begin = (): void => {
      if (!attempt.isOpen) return;
      const context: PerformContext = performContext(attempt, () => this.idempotencyKey(ref, once));
      const what = `the response of effect "${ref.name}"`;
      performing(attempt, async () => perform(ownView(request) as never, context))
        .then((value) => ({ kind: 'value', value: canonicalValue(value, what, this.#limits) }) as const)
        .catch((thrown: unknown) => ({ kind: 'error', error: errorValue(thrown, undefined) }) as const)
        .then(settle);
    };
    // Output commit: what the outside is about to see may depend on all that was journaled before.
    const durable = attempt.setup.core.ready();
    if (durable === undefined) begin();
    else durable.then(begin, reject);
  }

  sleep(delayMs: number, name: string): Promise<void> {
    const { ref, answer } = this.lookUp({ type: 'sleep', name, request: delayMs });
    if (answer.kind === 'refused') return Promise.reject(answer.error);
    return new Promise((resolve, reject) => {
      const { clock } = this.#attempt.setup.core;
      const began = this.#clockNow();
      let cancel: (() => void) | undefined;
      let unpark: (() => void) | undefined;
      const open = this.register({
        drop: (reason) => {
          cancel?.();
          unpark?.();
          // To leave memory is not to settle.
          if (unpark === undefined || this.#attempt.setup.core.cut?.kind !== 'paused') reject(reason);
        },
      });
      const end = (): void => {
        unpark?.();
        this.arrive(ref, open, { kind: 'value', value: undefined }, { began, once: false }, () => resolve(), reject);
      };
      if (answer.kind === 'answered') end();
      else if (answer.kind === 'perform') {
        const wait = (): void => {
          const leftMs = this.#sleepLeft(ref, delayMs, answer.began);
          cancel = clock.setTimer(leftMs, end);
          unpark = this.#park(open, leftMs);
        };
        if (answer.hold === undefined) wait();
        else cancel = answer.hold(ref, wait);
      }
    });
  }

  /** A long sleep is written down when it begins, so that a resumed run waits for the rest alone. */
  #sleepLeft(ref: EffectRef, delayMs: number, began: BeginEntry | undefined): number {
    const now = this.#clockNow();
    if (began?.observed.due !== undefined) return Math.max(0, began.observed.due - now);
    const { core } = this.#attempt.setup;
    if (core.isDurable && delayMs >= sleepMsDurable) {
      this.#journalBegin(ref, false, now + delayMs);
      const written = core.ready();
      // That the store failed is told by the run itself.
      written?.catch(() => undefined);
    }
    return delayMs;
  }

  /** The time of a node that may not take long runs on while it sleeps, so that one stays. */
  #park(open: OpenEffect, leftMs: number): (() => void) | undefined {
    const { core, node } = this.#attempt.setup;
    if (!core.isDurable || !core.parking.isLong(leftMs) || node.policy.timeoutMs !== undefined) return undefined;
    open.isWaiting = true;
    this.#waitingCount += 1;
    this.#tellWaiting();
    return core.parking.add(this.#clockNow() + leftMs);
  }

  now(name: string): number {
    const { ref, answer } = this.lookUp({ type: 'now', name, request: undefined });
    if (answer.kind === 'refused') throw answer.error;
    const time = this.#clockNow();
    const value = answer.kind === 'answered' && answer.outcome.kind === 'value' ? answer.outcome.value : time;
    this.#journal(ref, { kind: 'value', value }, { began: time, once: false });
    return value as number;
  }

  openExchange(exchange: ExchangeRequest): OpenExchange {
    const { ref, answer: known } = this.lookUp({ type: 'http', name: 'http', request: exchange.request });
    const began = this.#clockNow();
    const answer = known.kind === 'perform' ? this.#exchangeInDoubt(ref, known, exchange.onDoubt) : known;
    const idempotencyKey = this.idempotencyKey(ref);
    if (answer.kind !== 'perform') {
      if (answer.kind === 'answered')
        this.#journal(ref, answer.outcome, {
          began,
          once: false,
          ...(answer.parts === undefined ? {} : { parts: answer.parts }),
        });
      return { answer, ready: undefined, settle: () => undefined, idempotencyKey };
    }
    if (answer.began === undefined && (exchange.onDoubt ?? 'retry') !== 'retry') this.#journalBegin(ref, false);
    const { ready, giveUp } = this.#exchangeReady(ref, answer);
    const drop = (): void => {
      giveUp?.();
      exchange.abandon();
    };
    const open = this.register({ drop, abandon: () => exchange.abandon() });
    const settle = (outcome: EffectOutcome, parts: readonly number[]): void => {
      if (!this.#open.has(open)) return;
      if (this.#attempt.isOpen) this.#journal(ref, canonicalOutcome(outcome), { began, once: false, parts });
      this.unregister(open);
    };
    return { answer, ready, settle, idempotencyKey };
  }

  #exchangeReady(
    ref: EffectRef,
    { hold }: Answer & { readonly kind: 'perform' },
  ): { readonly ready: Promise<void> | undefined; readonly giveUp?: () => void } {
    const { core } = this.#attempt.setup;
    if (hold === undefined) return { ready: core.ready() ?? undefined };
    const { promise, resolve } = Promise.withResolvers<void>();
    const giveUp = hold(ref, resolve);
    return { ready: promise.then(() => core.ready()), giveUp };
  }

  #exchangeInDoubt(
    ref: EffectRef,
    answer: Answer & { readonly kind: 'perform' },
    onDoubt: OnDoubt | undefined,
  ): Answer {
    if (answer.began === undefined) return answer;
    let decided: Answer = { kind: 'silent' };
    this.#inDoubt(ref, onDoubt, (decision) => {
      decided = decision === 'retry' ? answer : { kind: 'answered', outcome: decision };
    });
    return decided;
  }

  /** Of an effect that happens once it is the same in every attempt. */
  idempotencyKey(ref: EffectRef, once?: OnceUse): string {
    const { core, world } = this.#attempt.setup;
    const own =
      once === undefined
        ? [core.runId, world.drawKey, effectIdentity(ref), ref.occurrence]
        : [core.runId, once.identity];
    return digestOf(JSON.stringify(own)).slice(0, 32);
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
    this.#waitingCount = 0;
    for (const effect of open) effect.drop(reason);
  }

  lookUp(asked: Asked): { ref: EffectRef; answer: Answer } {
    const { world } = this.#attempt.setup;
    const ref: EffectRef = { ...asked, occurrence: this.#occurrence(asked) };
    this.#asked.push(ref);
    return { ref, answer: world.answer(ref) };
  }

  #occurrence(asked: Asked): number {
    // Few are told apart faster by a look at each; of many the digests are worth their price.
    if (this.#asked.length >= comparedCountMax) return this.#occurrenceByIdentity(asked);
    let occurrence = 0;
    for (const earlier of this.#asked) if (isAlike(earlier, asked)) occurrence += 1;
    return occurrence;
  }

  #occurrenceByIdentity(asked: Asked): number {
    let counts = this.#countByIdentity;
    if (counts === undefined) {
      // References are in the order of their calls, so the last of an identity has the highest occurrence.
      counts = new Map(this.#asked.map((earlier) => [effectIdentity(earlier), earlier.occurrence + 1]));
      this.#countByIdentity = counts;
    }
    const identity = effectIdentity(asked);
    const before = counts.get(identity) ?? 0;
    counts.set(identity, before + 1);
    return before;
  }

  arrive(
    ref: EffectRef,
    open: OpenEffect,
    outcome: EffectOutcome,
    facts: Facts,
    resolve: (value: unknown) => void,
    reject: (error: unknown) => void,
    once?: OnceUse,
  ): void {
    this.#attempt.setup.core.oracle.arrive({
      kind: ref.type === 'sleep' ? 'sleep' : 'effect',
      at: this.#attempt.at,
      label: ref.name,
      deliver: () => {
        if (!this.#open.has(open)) return;
        this.#journal(ref, outcome, facts);
        once?.settle(outcome);
        if (outcome.kind === 'value') resolve(ownView(outcome.value));
        else reject(outcome.error);
        this.unregister(open);
      },
    });
  }

  #journal(ref: EffectRef, outcome: EffectOutcome, facts: Facts): void {
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

  #journalBegin(ref: EffectRef, once: boolean, due?: number): void {
    this.#attempt.setup.core.add({
      kind: 'begin',
      at: this.#attempt.at,
      node: this.#attempt.node,
      ...ref,
      ...(once ? { once: true } : {}),
      observed: { time: this.#clockNow(), ...(due === undefined ? {} : { due }) },
    });
  }

  register(open: OpenEffect): OpenEffect {
    this.#open.add(open);
    if (open.isWaiting === true) this.#waitingCount += 1;
    this.#tellWaiting();
    return open;
  }

  unregister(open: OpenEffect): void {
    if (!this.#open.delete(open)) return;
    if (open.isWaiting === true) this.#waitingCount -= 1;
    this.#tellWaiting();
    this.#checkIdle();
  }

  #tellWaiting(): void {
    this.#attempt.isWaiting = this.#waitingCount > 0 && this.#open.size === this.#waitingCount;
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

function doubtError(ref: EffectRef): RepriseError {
  return new RepriseError('effect-in-doubt', `nobody knows whether ${ref.type} "${ref.name}" happened`, {
    nextStep: "It began, and the process died or the attempt was cut short. Look, or choose onDoubt: 'retry' or 'ask'.",
    fields: { type: ref.type, name: ref.name },
  });
}

function isAlike(earlier: EffectRef, asked: Asked): boolean {
  return (
    earlier.type === asked.type &&
    earlier.name === asked.name &&
    earlier.label === asked.label &&
    sameValue(earlier.request, asked.request)
  );
}
