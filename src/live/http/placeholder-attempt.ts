// An attempt of a replay, as a request sees it that is no part of the run: whatever is asked, the placeholder comes back.
// Nothing of it reaches the journal, and nobody hears of it but the seal, which counts it.
import type { Value } from '../../base/value.ts';
import type { FoundEndpoint } from '../../journal/http/outside-endpoints.ts';
import type { AttemptHttp, CurrentAttempt, OpenExchange } from '../../port/attempt.ts';
import { PerformingAttempt } from '../../port/performing.ts';
import type { Starting } from './options/asker.ts';

export class PlaceholderAttempt extends PerformingAttempt {
  readonly #endpoint: FoundEndpoint;
  readonly #starting: Starting;

  constructor(attempt: CurrentAttempt, endpoint: FoundEndpoint, starting: Starting) {
    super(attempt);
    this.#endpoint = endpoint;
    this.#starting = starting;
  }

  override get http(): AttemptHttp {
    // Even if the attempt is over: live, it would go out too.
    return { ...super.http, requests: 'recorded', asksFirst: true, open: () => this.#open() };
  }

  #open(): OpenExchange {
    const { name, answer } = this.#endpoint;
    this.seal?.answeredOutside({ endpoint: name, host: hostOf(this.#starting) });
    const { status, headers, body } = answer;
    const value: Value = { status, headers: {}, body, ended: 'complete' };
    return {
      answer: { kind: 'answered', outcome: { kind: 'value', value }, facts: { answer: { headers } } },
      idempotencyKey: '',
      ready: undefined,
      arrived: ignore,
      settle: ignore,
      forget: ignore,
    };
  }
}

export function hostOf(starting: Starting): string {
  return new URL(starting()?.url ?? '').host;
}

const ignore = (): void => undefined;
