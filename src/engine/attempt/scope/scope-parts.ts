// What an attempt holds for the code that runs inside it. Each part is made when it is first asked for: most nodes have no
// effects, open no tasks, read no clock and set no timers, and pay for none of that.
import type { AttemptHttp, CurrentAttempt } from '../../../port/attempt.ts';
import { AttemptAmbient } from './attempt-ambient.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import { AttemptTasks } from './attempt-tasks.ts';
import { EffectProtocol } from '../effect/effect-protocol.ts';
import type { Failing, ProtocolSetup } from '../effect/effect-protocol.ts';
import type { AttemptRaces } from '../race/attempt-races.ts';
import { ScopeHttp } from './scope-http.ts';

export class ScopeParts {
  readonly setup: AttemptSetup;
  readonly life: AttemptLife;
  readonly #attempt: CurrentAttempt;
  readonly #failing: Failing;
  #effects: EffectProtocol | undefined;
  #tasks: AttemptTasks | undefined;
  #http: ScopeHttp | undefined;
  #ambient: AttemptAmbient | undefined;

  constructor({ setup, life, attempt, failing }: ProtocolSetup) {
    this.setup = setup;
    this.life = life;
    this.#attempt = attempt;
    this.#failing = failing;
  }

  get effects(): EffectProtocol {
    this.#effects ??= new EffectProtocol({
      setup: this.setup,
      life: this.life,
      attempt: this.#attempt,
      failing: this.#failing,
    });
    return this.#effects;
  }
  get tasks(): AttemptTasks {
    const owner = { setup: this.setup, life: this.life, attempt: this.#attempt };
    this.#tasks ??= new AttemptTasks(owner, () => this.madeRaces);
    return this.#tasks;
  }
  get http(): AttemptHttp {
    this.#http ??= new ScopeHttp(this, this.life, this.#attempt);
    return this.#http;
  }
  get ambient(): AttemptAmbient {
    this.#ambient ??= new AttemptAmbient(this.setup, this.#attempt, this.#failing);
    return this.#ambient;
  }

  /** Undefined if nothing has asked for them. */
  get madeEffects(): EffectProtocol | undefined {
    return this.#effects;
  }

  get madeRaces(): AttemptRaces | undefined {
    return this.#effects?.open.madeRaces;
  }

  /** The attempt ends by itself. */
  end(): void {
    this.#effects?.leaveOpen();
    this.#tasks?.end();
  }

  /** Its time is over. */
  timeOut(): void {
    this.#tasks?.end();
  }

  closeTimers(): void {
    this.#ambient?.closeTimers();
  }

  /** The attempt was stopped. */
  drop(reason: Error): void {
    this.#ambient?.closeTimers();
    this.#effects?.open.drop(reason);
  }
}
