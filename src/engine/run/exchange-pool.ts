// The pool of a run: exchanges that outlive the attempt in whose context they began, and those that begin after it.
//   Owns:         which of them are open, and their entries.
//   Not its job:  what is sent and answered (live/http), what a replay gives back (the world).
//   E1. Each is recorded once, under its attempt, and never counts as canonical.
//   E2. When the run ends, what has arrived by then is written. What arrives later belongs to nobody. A run may wait for what
//       is still to come.
import type { EffectOutcome, EffectRef, OutcomeFacts } from '../../journal/entry.ts';
import type { AttemptKey } from '../../journal/key.ts';
import type { Clock } from '../../port/clock.ts';
import type { ExchangeRequest, SendingExchange } from '../../port/attempt.ts';
import type { RunJournal } from './journal/run-journal.ts';

/** An exchange, and where it began. */
export interface PooledExchange {
  readonly at: AttemptKey;
  readonly ref: EffectRef;
  /** Milliseconds since 1970. */
  readonly began: number;
  readonly request: Pick<ExchangeRequest, 'delivered' | 'isUnread'>;
}

/** How often it is looked whether anything is still awaited. */
const lookMs = 10;

export class ExchangePool {
  readonly #clock: Clock;
  readonly #journal: Pick<RunJournal, 'add'>;
  readonly #open = new Set<PooledExchange>();
  readonly #unnamed = new Set<SendingExchange>();
  /** The attempts in whose contexts exchanges have begun since they ended. */
  readonly #late = new Set<AttemptKey>();
  #isClosed = false;
  #isHurried = false;

  constructor(clock: Clock, journal: Pick<RunJournal, 'add'>) {
    this.#clock = clock;
    this.#journal = journal;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  add(exchange: PooledExchange): void {
    if (!this.#isClosed) this.#open.add(exchange);
  }

  /** Whether none has begun after this attempt before. */
  isFirstLate(at: AttemptKey): boolean {
    if (this.#late.has(at)) return false;
    this.#late.add(at);
    return true;
  }

  /** An exchange whose request is still being written. The returned function says that it is known, or not recorded. */
  begin(sending: SendingExchange): () => void {
    this.#unnamed.add(sending);
    return () => this.#unnamed.delete(sending);
  }

  /** Resolves once nobody reads anything that is still to come, and after so many milliseconds at the latest. */
  async atRest(withinMs: number): Promise<void> {
    const until = this.#clock.now() + withinMs;
    // What has just got an answer may ask for more, so that it counts only if it is there at two looks.
    let restCount = this.#isAwaited ? 0 : 2;
    while (restCount < 2 && !this.#isHurried && this.#clock.now() < until) {
      await new Promise<void>((resolve) => {
        this.#clock.setTimer(lookMs, resolve);
      });
      restCount = this.#isAwaited ? 0 : restCount + 1;
    }
  }

  /** The run has no more time. */
  stopWaiting(): void {
    this.#isHurried = true;
  }

  get #isAwaited(): boolean {
    return this.#unnamed.size > 0 || [...this.#open].some(({ request }) => !request.isUnread());
  }

  /** The exchange has ended. Ignored once the run has. */
  settle(exchange: PooledExchange, outcome: EffectOutcome, facts: OutcomeFacts): void {
    if (!this.#open.delete(exchange)) return;
    const { at, ref, began } = exchange;
    this.#journal.add({
      kind: 'pooled',
      at,
      ...ref,
      outcome,
      observed: { began, ended: this.#clock.now(), ...facts },
    });
  }

  /** It cannot be recorded. */
  forget(exchange: PooledExchange): void {
    this.#open.delete(exchange);
  }

  /** The run ends, or is released. */
  close(): void {
    for (const sending of [...this.#unnamed]) sending.name();
    for (const exchange of [...this.#open]) {
      const { outcome, facts } = exchange.request.delivered('all');
      this.settle(exchange, outcome, facts);
    }
    this.#isClosed = true;
  }
}
