// An attempt as HTTP interception sees it, without an engine: it keeps what was asked and how it ended.
import type { Value } from '../../src/base/value.ts';
import type { EffectOutcome, OutcomeFacts } from '../../src/journal/entry.ts';
import type { RequestRules } from '../../src/journal/run-facts.ts';
import { currentAttempt } from '../../src/port/attempt.ts';
import type { UnattributedRequest } from '../../src/port/effect-source.ts';
import type {
  AmbientOfAttempt,
  AttemptHttp,
  BegunExchange,
  CurrentAttempt,
  ExchangeRequest,
  IdentifyRequest,
  OpenExchange,
  SendingExchange,
} from '../../src/port/attempt.ts';

export interface RecordedExchange {
  readonly request: { readonly [key: string]: Value };
  readonly abandon: () => void;
  readonly delivered: ExchangeRequest['delivered'];
  outcome?: EffectOutcome;
  facts?: OutcomeFacts;
  isForgotten?: true;
}

export interface AttemptAnswers {
  /** Whether requests are held until they are known; by default if there are answers for them. */
  readonly asksFirst?: boolean;
  readonly answer?: (request: Value) => OpenExchange['answer'];
  readonly ready?: OpenExchange['ready'];
  readonly isDurable?: boolean;
  /** What the entry of its run says about requests. */
  readonly rules?: RequestRules;
}

/** The engine of every recorded attempt. */
export const testEngine = {
  unattributed: [] as string[],
  noteUnattributed(request: () => UnattributedRequest | undefined): void {
    const made = request();
    if (made !== undefined) testEngine.unattributed.push(made.host);
  },
};

export class RecordedAttempt implements CurrentAttempt {
  readonly at: string;
  readonly node = 'node';
  readonly exchanges: RecordedExchange[] = [];
  readonly unrecorded: string[] = [];
  /** Exchanges whose requests are still being written. */
  readonly sending = new Set<SendingExchange>();
  readonly isPerforming = false;
  /** How many things its code was given. */
  deliveredCount = 0;
  /** Nobody looks at the clocks and timers of these tests. */
  readonly ambient: AmbientOfAttempt = {
    reads: undefined,
    quiet: undefined,
    delivered: (_task, what) => {
      if (what !== 'part') this.deliveredCount += 1;
    },
    threw: () => undefined,
    openTimer: () => undefined,
  };
  isOpen = true;
  requests: AttemptHttp['requests'] = 'recorded';
  readonly #answers: AttemptAnswers;
  readonly #abort = new AbortController();

  constructor(answers: AttemptAnswers = {}, at = '1.0#1') {
    this.#answers = answers;
    this.at = at;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  run<Result>(node: () => Result): Result {
    return currentAttempt.run(this, node);
  }

  openExchange({ abandon, delivered }: ExchangeRequest, identify: IdentifyRequest): OpenExchange {
    const { rules } = this.#answers;
    const request = identify({ semantics: 2, ...(rules === undefined ? {} : { rules }) });
    const exchange: RecordedExchange = {
      request: request as RecordedExchange['request'],
      abandon: () => abandon(),
      delivered,
    };
    this.exchanges.push(exchange);
    return {
      answer: this.#answers.answer?.(request) ?? { kind: 'perform' },
      idempotencyKey: 'key',
      ready: this.#answers.ready,
      arrived: () => undefined,
      settle: (outcome, facts) => {
        if (exchange.outcome !== undefined) throw new Error('settled twice');
        exchange.outcome = outcome;
        exchange.facts = facts;
      },
      forget: () => {
        exchange.isForgotten = true;
      },
    };
  }

  get http(): AttemptHttp {
    return {
      engine: testEngine,
      rules: this.#answers.rules,
      requests: this.requests,
      asksFirst: this.#answers.asksFirst ?? this.#answers.answer !== undefined,
      isDurable: this.#answers.isDurable ?? false,
      open: (request, identify) => this.openExchange(request, identify),
      begin: (sending) => this.beginExchange(sending),
    };
  }

  beginExchange(sending: SendingExchange): BegunExchange {
    this.sending.add(sending);
    return {
      ready: this.#answers.ready?.then(() => undefined),
      named: () => this.sending.delete(sending),
    };
  }

  /** Ends the attempt from outside, as an engine does. */
  abort(reason: Error): void {
    this.requests = 'refused';
    this.isOpen = false;
    this.#abort.abort(reason);
    for (const sending of this.sending) sending.abandon();
    for (const exchange of this.exchanges) if (exchange.outcome === undefined) exchange.abandon();
  }

  refusal(what: string): Error {
    return new Error(`refused: ${what}`);
  }
  noteRejection(): void {
    // Nothing in these tests leaves a promise behind.
  }
  noteUnrecorded(what: string): void {
    this.unrecorded.push(what);
  }

  /** What was recorded of the only exchange (or of the one at `index`). */
  outcome(index = 0): Record<string, unknown> {
    const outcome = this.exchanges[index]?.outcome;
    if (outcome === undefined) throw new Error(`exchange ${index} has not ended`);
    return (outcome.kind === 'value' ? outcome.value : { failed: outcome.error }) as Record<string, unknown>;
  }
}
