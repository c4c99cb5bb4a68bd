// One attempt, as the code that runs inside it sees it: through the context of the node, and, for HTTP interception and
// the doors of a replay, through the asynchronous context.
import { RepriseError } from '../../base/error.ts';
import type { AttemptKey } from '../../journal/key.ts';
import { taskOfAttempt } from '../../journal/key.ts';
import type { AttemptHttp, CurrentAttempt } from '../../port/attempt.ts';
import type { Seal } from '../../port/seal.ts';
import { AmbientScope } from './ambient-scope.ts';
import type { AttemptLife } from './attempt-life.ts';
import type { AttemptSetup } from './attempt-setup.ts';
import { AttemptTasks } from './attempt-tasks.ts';
import { EffectProtocol } from './effect/effect-protocol.ts';
import { ScopeHttp } from './scope-http.ts';

export class AttemptScope extends AmbientScope implements CurrentAttempt {
  readonly #life: AttemptLife;
  /** What has been asked for until now: most nodes have no effects and open no tasks. */
  readonly made: { effects?: EffectProtocol; tasks?: AttemptTasks } = {};
  #http: ScopeHttp | undefined;

  constructor(setup: AttemptSetup, life: AttemptLife) {
    super(setup, life);
    this.#life = life;
  }

  get effects(): EffectProtocol {
    this.made.effects ??= new EffectProtocol(this.setup, this.#life, this);
    return this.made.effects;
  }
  get tasks(): AttemptTasks {
    this.made.tasks ??= new AttemptTasks(this.setup, this.#life, this);
    return this.made.tasks;
  }

  get at(): AttemptKey {
    return this.setup.key;
  }
  get node(): string {
    return this.setup.node.name;
  }
  get isOpen(): boolean {
    return this.#life.isOpen;
  }
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  get seal(): Seal | undefined {
    return this.setup.parts.world.seal;
  }

  get http(): AttemptHttp {
    this.#http ??= new ScopeHttp(this, this.#life);
    return this.#http;
  }

  refusal(what: string): RepriseError {
    const task = taskOfAttempt(this.at);
    const cause = this.#life.stopReason;
    return new RepriseError(
      'task-detached',
      `${what} was tried by task ${task} ("${this.node}") after its attempt was over`,
      {
        nextStep: 'Await everything that a node starts, and stop when `context.signal` aborts.',
        fields: { task, node: this.node },
        ...(cause === undefined ? {} : { cause }),
      },
    );
  }

  noteRejection(reason: unknown): void {
    // The rejection is only the abort of this attempt coming back.
    if (reason === this.#life.stopReason) return;
    const message =
      reason instanceof Error ? `${reason.name}: ${reason.message}` : `a value that is not an Error: ${typeof reason}`;
    this.setup.parts.notes.add({ kind: 'unhandled-rejection', at: this.at, node: this.node, message });
  }

  noteUnrecorded(what: string): void {
    this.setup.parts.notes.add({ kind: 'unrecorded', at: this.at, node: this.node, message: what });
  }
}
