// One function that an attempt registered for the case that it is stopped, as it runs: like an attempt of its own, with
// a scope, a life and a time of its own.
//   Q1. Its effects stand under its own key, and are answered from the journal if its process died and another one runs
//       it again.
//   Q2. Whatever becomes of it changes no result: what it throws, and that its time was over, are notes.
//   Q3. Once it is over, nothing of it reaches the journal.
import { AssertionFault } from '../../../base/assert.ts';
import { readable } from '../../../base/error-class.ts';
import type { Value } from '../../../base/value.ts';
import { oneLine } from '../../../base/visible-text.ts';
import type { CleanUpContext } from '../../../graph/types/context-types.ts';
import { cleanedUpNote, cleanUpTimeoutNote } from '../../../journal/step/stops.ts';
import { currentAttempt } from '../../../port/attempt.ts';
import { failureText } from '../../../diff/compare/failure-text.ts';
import { arrive } from '../../run/run-parts.ts';
import { AttemptLife } from '../attempt-life.ts';
import type { Timed } from '../attempt-life.ts';
import { AttemptScope } from '../scope/attempt-scope.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import type { Failing } from '../effect/effect-protocol.ts';
import { CleanUpContextView } from './clean-up-context.ts';

export type CleanUpFunction = (context: CleanUpContext) => unknown;

export interface Registered {
  readonly call: CleanUpFunction;
  /** The names of effects that it takes back. */
  readonly undoes: readonly string[];
}

export class CleanUp implements Timed, Failing {
  readonly #setup: AttemptSetup;
  readonly #registered: Registered;
  readonly #done: () => void;
  readonly #life: AttemptLife;
  readonly #scope: AttemptScope;

  /** `done` is called once, unless it is dropped. */
  constructor(setup: AttemptSetup, registered: Registered, done: () => void) {
    this.#setup = setup;
    this.#registered = registered;
    this.#done = done;
    this.#life = new AttemptLife(setup, this);
    this.#scope = new AttemptScope(setup, this.#life, this);
  }

  start(): void {
    this.#setup.parts.order.attempts.start();
    this.#life.startTime();
    const context = new CleanUpContextView(this.#scope);
    this.#scope.context = context;
    // Determinism boundary, like that of a node.
    currentAttempt
      .run(this.#scope, async () => this.#registered.call(context))
      .then(
        () => this.#settled(() => this.#noteDone()),
        (thrown: unknown) => this.#failed(thrown),
      );
  }

  #failed(given: unknown): void {
    const thrown = readable(given);
    if (thrown instanceof AssertionFault) this.#setup.parts.stop.fail('faulty', thrown);
    if (!this.#life.isOpen) return;
    const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `a value of type ${typeof thrown}`;
    this.#note('clean-up-failed', `it threw ${oneLine(what)}`);
    this.#settled();
  }

  /** Named effects that are in flight belong to it, so it waits for them. */
  #settled(ended = (): void => undefined): void {
    this.#life.codeSettled();
    if (!this.#life.isOpen) return;
    const end = (): void => arrive(this.#setup.parts, 'task', this.#setup.key, () => this.#end(ended));
    const effects = this.#scope.held.madeEffects;
    if (effects === undefined) end();
    else effects.open.whenIdle(end);
  }

  #end(ended: () => void): void {
    if (!this.#life.isOpen) return;
    this.#scope.held.end();
    this.#life.end();
    ended();
    this.#left();
    this.#done();
  }

  expire(timeoutMs: number): void {
    arrive(this.#setup.parts, 'timeout', this.#setup.key, () => {
      if (!this.#life.isOpen) return;
      this.#note(cleanUpTimeoutNote, `it took longer than its ${timeoutMs} ms`);
      this.#stop(new Error(`the clean-up took longer than its ${timeoutMs} ms`));
      this.#done();
    });
  }

  /** An exchange is in doubt, and must not be sent again. */
  fail(error: Value): void {
    arrive(this.#setup.parts, 'task', this.#setup.key, () => {
      if (!this.#life.isOpen) return;
      this.#note('clean-up-failed', oneLine(failureText(error)));
      this.#stop(new Error('an effect of the clean-up is in doubt'));
      this.#done();
    });
  }

  /** The process lets go of the run: another one runs the function again. */
  drop(reason: Error): void {
    if (this.#life.isOpen) this.#stop(reason);
  }

  #stop(reason: Error): void {
    this.#life.stop(reason);
    this.#scope.held.drop(reason);
    this.#left();
  }

  #left(): void {
    const { parts, world } = this.#setup;
    parts.order.attempts.leave();
    parts.order.followed.left(world.drawKey);
    this.#scope.held.closeTimers();
    parts.order.quiet.stir();
  }

  /** What it took back is asked for again after this entry, whichever process comes to it. */
  #noteDone(): void {
    const { parts, key, node } = this.#setup;
    if (parts.run.semantics === 1) return;
    const { undoes } = this.#registered;
    parts.history.cleanedUp(key, undoes);
    const names = undoes.map((name) => JSON.stringify(oneLine(name))).join(', ');
    parts.journal.add({
      kind: 'note',
      at: key,
      node: node.name,
      what: cleanedUpNote,
      message: names === '' ? 'it has cleaned up' : `it has cleaned up, and taken back what ${names} had got`,
      ...(undoes.length === 0 ? {} : { undoes }),
      observed: { time: parts.clock.now() },
    });
  }

  #note(kind: 'clean-up-failed' | typeof cleanUpTimeoutNote, what: string): void {
    const { parts, key, node } = this.#setup;
    parts.notes.add({ kind, at: key, node: node.name, message: `clean-up of node "${node.name}": ${what}` });
  }
}
