// What a node reports of itself: events, and labels of commits. Also whether it may still act at all.
import { checkOptions, noOptions } from '../../../base/options/option-shape.ts';
import type { EmitOptions } from '../../../graph/types/context-types.ts';
import { labelStream } from '../../../journal/label.ts';
import { taskPath } from '../../../port/task.ts';
import { checkLabel, emitOptions } from '../../options/context-options.ts';
import { AttemptEvents } from './attempt-events.ts';
import { mayAct, refuseNested } from '../scope/attempt-scope.ts';
import type { AttemptScope } from '../scope/attempt-scope.ts';
import { NodeFacts } from './node-facts.ts';

export class NodeReports extends NodeFacts {
  readonly #scope: AttemptScope;
  #events: AttemptEvents | undefined;

  constructor(scope: AttemptScope) {
    super(scope);
    this.#scope = scope;
  }

  get label() {
    return (label: string): void => {
      this.guard('label()');
      checkLabel(label);
      this.#report(label, undefined, labelStream);
    };
  }
  get emit() {
    return (name: string, data?: unknown, options: EmitOptions = noOptions): void => {
      this.guard(`emit("${name}")`);
      checkOptions(emitOptions, options);
      this.#report(name, data, options.stream ?? '');
    };
  }

  #report(name: string, data: unknown, stream: string): void {
    this.#events ??= new AttemptEvents(this.#scope.held.setup);
    this.#events.report(name, data, stream, taskPath(this.#scope));
  }

  protected guard(what: string): void {
    if (!mayAct(this.#scope)) throw this.#scope.refusal(what);
    refuseNested(this.#scope, what);
  }
}
