// What a node is told about its attempt, and the routes that it can return.
import { digestOf } from '../../../base/digest.ts';
import { ownView } from '../../../base/own-view.ts';
import { taskOfAttempt } from '../../../journal/key.ts';
import type { AttemptScope } from '../scope/attempt-scope.ts';

const send = (node: string, input: unknown) => ({ kind: 'send', node, input });
const goto = (node: string) => ({ kind: 'goto', node });
const stop = () => ({ kind: 'stop' });

export class NodeFacts {
  readonly #scope: AttemptScope;

  constructor(scope: AttemptScope) {
    this.#scope = scope;
  }

  get input(): unknown {
    return ownView(this.#scope.held.setup.input);
  }
  get signal(): AbortSignal {
    return this.#scope.signal;
  }
  get key(): string {
    return taskOfAttempt(this.#scope.at);
  }
  get attempt(): number {
    return this.#scope.held.setup.number;
  }
  get idempotencyKey(): string {
    const { parts, world } = this.#scope.held.setup;
    return digestOf(JSON.stringify([parts.runId, world.drawKey])).slice(0, 32);
  }
  get resumed(): readonly unknown[] {
    return (this.#scope.held.setup.world.resumed ?? []).map((chunk) => ownView(chunk));
  }
  get send(): typeof send {
    return send;
  }
  get goto(): typeof goto {
    return goto;
  }
  get stop(): typeof stop {
    return stop;
  }
}
