// The HTTP exchanges of one attempt: its own while it is open, those of the run's pool after it has ended.
import type { Value } from '../../../base/value.ts';
import type { RequestRules } from '../../../journal/run-facts.ts';
import type {
  AttemptHttp,
  BegunExchange,
  ExchangeRequest,
  IdentifyRequest,
  OpenExchange,
  SendingExchange,
} from '../../../port/attempt.ts';
import { taskPath } from '../../../port/task.ts';
import type { AttemptRaces } from '../race/attempt-races.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import type { EffectProtocol } from '../effect/effect-protocol.ts';
import { beginExchange, beginLate, openExchange, openLate } from '../effect/kind/open-exchange.ts';

interface Scope {
  readonly setup: AttemptSetup;
  readonly effects: EffectProtocol;
  readonly madeRaces: AttemptRaces | undefined;
}

export class ScopeHttp implements AttemptHttp {
  readonly #scope: Scope;
  readonly #life: AttemptLife;
  readonly #attempt: object;

  constructor(scope: Scope, life: AttemptLife, attempt: object) {
    this.#scope = scope;
    this.#life = life;
    this.#attempt = attempt;
  }

  get engine(): object {
    return this.#scope.setup.parts.engine;
  }

  get rules(): RequestRules | undefined {
    return this.#scope.setup.parts.run.rules;
  }

  get requests(): AttemptHttp['requests'] {
    const { parts, world } = this.#scope.setup;
    if (this.#scope.madeRaces?.whyLost(taskPath(this.#attempt)) !== undefined) return 'refused';
    if (this.#life.isOpen) return 'recorded';
    // Version 1 has no pool.
    if (this.#life.stopReason !== undefined || parts.run.semantics === 1) return 'refused';
    if (!parts.pool.isClosed) return 'recorded';
    // In a replay nobody's requests leave either.
    return world.answerLate === undefined ? 'nobody' : 'refused';
  }

  get isDurable(): boolean {
    return this.#scope.setup.parts.settings.isDurable;
  }

  get asksFirst(): boolean {
    return this.#scope.setup.world.asksFirst ?? false;
  }

  open(request: ExchangeRequest, identify: IdentifyRequest): OpenExchange {
    const { effects } = this.#scope;
    const identity = (): Value => identify(this.#scope.setup.parts.run);
    return this.#life.isOpen ? openExchange(effects, request, identity) : openLate(effects, request, identity());
  }

  begin(sending: SendingExchange): BegunExchange {
    const { effects } = this.#scope;
    return this.#life.isOpen ? beginExchange(effects, sending) : beginLate(effects, sending);
  }
}
