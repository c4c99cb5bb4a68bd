// One attempt, as the code that runs inside it sees it: through the context of the node, and, for HTTP interception and
// the doors of a replay, through the asynchronous context.
import { RepriseError } from '../../../base/error.ts';
import { readable } from '../../../base/error-class.ts';
import type { AttemptKey } from '../../../journal/key.ts';
import { taskOfAttempt } from '../../../journal/key.ts';
import { currentAttempt } from '../../../port/attempt.ts';
import type { AmbientOfAttempt, AttemptHttp, ContextOfAttempt, CurrentAttempt } from '../../../port/attempt.ts';
import type { Seal } from '../../../port/seal.ts';
import { taskPath } from '../../../port/task.ts';
import type { TaskOpener } from '../../../port/task.ts';
import type { StartedAttempt } from '../../../port/world.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import type { Failing } from '../effect/effect-protocol.ts';
import { ScopeParts } from './scope-parts.ts';

const nextOfReturned =
  'Await everything that a node starts. If it does, a queue that tasks share runs this for another task: bind each job to its ' +
  'own, with `AsyncResource.bind(job)` of `node:async_hooks`.';

export class AttemptScope implements CurrentAttempt {
  readonly held: ScopeParts;
  /** Set where its code is called. */
  context: ContextOfAttempt | undefined;
  /** Its code has come to its end and nothing of it is in flight, so that only its place in the order is awaited. */
  isDone = false;

  constructor(setup: AttemptSetup, life: AttemptLife, failing: Failing) {
    this.held = new ScopeParts({ setup, life, attempt: this, failing });
  }

  get at(): AttemptKey {
    return this.held.setup.key;
  }
  get node(): string {
    return this.held.setup.node.name;
  }
  get isOpen(): boolean {
    return this.held.life.isOpen;
  }
  get signal(): AbortSignal {
    return this.held.life.signal;
  }

  get seal(): Seal | undefined {
    return this.held.setup.parts.world.seal;
  }
  get tasks(): TaskOpener {
    return this.held.tasks;
  }
  get ambient(): AmbientOfAttempt {
    return this.held.ambient;
  }
  get http(): AttemptHttp {
    return this.held.http;
  }

  refusal(what: string): RepriseError {
    const lost = whyLost(this);
    if (lost !== undefined && this.isOpen) return lost;
    const task = taskOfAttempt(this.at);
    const cause = this.held.life.stopReason;
    return new RepriseError(
      'task-detached',
      `${what} was tried by task ${task} ("${this.node}") after its attempt was over`,
      {
        nextStep:
          cause === undefined
            ? nextOfReturned
            : 'Await everything that a node starts, and stop when `context.signal` aborts.',
        fields: { task, node: this.node },
        ...(cause === undefined ? {} : { cause }),
      },
    );
  }

  noteRejection(given: unknown): void {
    // The rejection is only the abort of this attempt coming back.
    if (given === this.held.life.stopReason) return;
    const reason = readable(given);
    const message =
      reason instanceof Error ? `${reason.name}: ${reason.message}` : `a value that is not an Error: ${typeof reason}`;
    this.held.setup.parts.notes.add({ kind: 'unhandled-rejection', at: this.at, node: this.node, message });
  }

  noteUnrecorded(what: string): void {
    this.held.setup.parts.notes.add({ kind: 'unrecorded', at: this.at, node: this.node, message: what });
  }
}

/**
 * Code of an effect of this attempt asks for something, and the outer effect is the record. What a queue begins in the `perform`
 * of another attempt is no part of that.
 *
 * @throws RepriseError `effect-nested`
 */
export function refuseNested(scope: AttemptScope, what: string): void {
  if (currentAttempt.getStore()?.performs !== scope) return;
  throw new RepriseError('effect-nested', `${what} was called inside the perform function of an effect`, {
    nextStep: 'The outer effect is the record: call the context before it or after it.',
  });
}

/** Whether code that runs here may still act. */
export function mayAct(scope: AttemptScope): boolean {
  return scope.isOpen && whyLost(scope) === undefined;
}

/** Set for code of a branch that has lost its race. */
function whyLost(scope: AttemptScope): RepriseError | undefined {
  return scope.held.madeRaces?.whyLost(taskPath(scope));
}

/**
 * What a world may have to end. A class: getters in an object literal would give each object a hidden class of its own,
 * which keeps alive what they close over until the old generation is collected.
 */
export class OpenedAttempt implements StartedAttempt {
  readonly #scope: AttemptScope;
  constructor(scope: AttemptScope) {
    this.#scope = scope;
  }
  get at(): AttemptKey {
    return this.#scope.at;
  }
  get node(): string {
    return this.#scope.node;
  }
  get isOpen(): boolean {
    return this.#scope.isOpen;
  }
  get isWaiting(): boolean {
    return this.#scope.held.madeEffects?.open.isWaiting === true;
  }
  threw(thrown: unknown): void {
    this.#scope.ambient.threw(thrown);
  }
}
