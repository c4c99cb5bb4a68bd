// One try of a task: calls the node, and reports how it ended.
//   Owns:         the call of the node, its chunks, what its settling means.
//   Not its job:  its life and time (attempt-life.ts), its effects (effect-protocol.ts), retries (drive), the order of
//                 deliveries (the oracle), what the outside says (the world).
//   A1. While the attempt is open, everything that the node does through Reprise is journaled under its key.
//   A2. Once it is over, nothing of it reaches the journal, and everything that it still tries is refused.
//   A3. Its owner is told once: the result, or undefined if the attempt was stopped from outside.
//   A4. Every completion passes the oracle, so the order of completions is always the choice of the oracle.
import { AssertionFault } from '../../base/assert.ts';
import { readable } from '../../base/error-class.ts';
import { ownView } from '../../base/own-view.ts';
import type { Value } from '../../base/value.ts';
import type { AttemptResult, OutcomeEntry } from '../../journal/entry.ts';
import { taskOfAttempt } from '../../journal/key.ts';
import type { AttemptKey, TaskKey } from '../../journal/key.ts';
import { currentAttempt, nodeStarts } from '../../port/attempt.ts';
import { thrownValue, timeoutError } from '../rules/failure.ts';
import { readNodeReturn } from '../rules/node-return.ts';
import type { LingeringAttempt } from '../run/lingering.ts';
import { arrive, arriveNow } from '../run/run-parts.ts';
import { AttemptLife } from './attempt-life.ts';
import type { Timed } from './attempt-life.ts';
import { AttemptScope, OpenedAttempt } from './scope/attempt-scope.ts';
import type { AttemptSetup } from './attempt-setup.ts';
import { ChunkStream, isGenerator } from './context/chunk-stream.ts';
import { NodeContextView } from './context/node-context.ts';
import type { ChunkSource } from './context/node-context.ts';
import { doubtAtTimeout, resultOverDoubt } from './effect/doubt/doubt-at-end.ts';
import { Halt } from './stop/halt.ts';

/** The inner run of a subgraph, in place of a node's function. */
export interface InnerRun {
  run(): Promise<unknown>;
  stop(reason: Error): void;
  /** Whether an attempt of it has something to clean up before it is over. */
  isCleaningUp(): boolean;
}

export class Attempt implements LingeringAttempt, Timed, ChunkSource {
  readonly #setup: AttemptSetup;
  readonly #life: AttemptLife;
  readonly #scope: AttemptScope;
  #madeHalt: Halt | undefined;
  readonly #inner: InnerRun | undefined;
  #stream: ChunkStream | undefined;
  /** Gives up a start whose place in the order has not come. */
  #withdrawStart: (() => void) | undefined;
  #started = 0;
  /** Its places in the order, once it has ended and if they are needed. */
  order: OutcomeEntry['observed']['order'];

  constructor(setup: AttemptSetup, inner: InnerRun | undefined) {
    this.#setup = setup;
    this.#inner = inner;
    this.#life = new AttemptLife(setup, this);
    this.#scope = new AttemptScope(setup, this.#life, this);
  }

  /** Made when it is needed: most attempts end by themselves, and register nothing. */
  get #halt(): Halt {
    if (this.#madeHalt === undefined) {
      const halting = {
        at: this.at,
        task: this.task,
        node: this.node,
        whenSettled: (callback: () => void) => this.#life.whenSettled(callback),
        leaveOrder: (result: AttemptResult | undefined) => this.#leaveOrder(result),
        drop: (reason: Error) => this.#drop(reason),
      };
      this.#madeHalt = new Halt(this.#setup, this.#life, halting, this.#inner);
    }
    return this.#madeHalt;
  }

  get at(): AttemptKey {
    return this.#setup.key;
  }
  get task(): TaskKey {
    return taskOfAttempt(this.#setup.key);
  }
  get node(): string {
    return this.#setup.node.name;
  }
  /** Whether its code may still run although it is over, and nobody has waited for it. */
  get mayStillRun(): boolean {
    return this.#madeHalt === undefined ? this.#life.mayStillRun : this.#madeHalt.mayStillRun;
  }

  whenSettled(callback: () => void): void {
    this.#life.whenSettled(callback);
  }

  /** Starts it, at its place in the order if it is recorded. */
  start(): void {
    const { recorded } = this.#setup.world;
    if (recorded?.isEnded === true && recorded.started !== undefined) this.#startAt(recorded.started);
    else this.#start();
  }

  #startAt(place: number): void {
    const { followed } = this.#setup.parts.order;
    this.#withdrawStart = followed.follow(place, 'at once', () => this.#start());
  }

  #start(): void {
    const { parts, world } = this.#setup;
    this.#withdrawStart = undefined;
    const place = parts.order.attempts.startDue(this.#setup.number);
    this.#started = world.recorded?.isEnded === false ? (world.recorded.started ?? place) : place;
    parts.order.quiet.stir();
    if (this.#inner === undefined) world.opened?.(new OpenedAttempt(this.#scope));
    if (world.stopping === undefined) this.#life.startTime();
    else this.#halt.startAgain(world.stopping);
    let returned: unknown;
    try {
      if (world.resumed !== undefined) this.#restart(world.resumed);
      returned = world.run(() => this.#callNode());
    } catch (thrown) {
      this.#failed(thrown);
      return;
    }
    if (isGenerator(returned)) returned = this.#drive(returned);
    if (!isThenable(returned)) {
      this.#returned(returned);
      return;
    }
    parts.order.attempts.wait();
    // Determinism boundary: the outside decides when a node settles; from here on the oracle decides when that takes
    // effect.
    returned.then(
      (value) => this.#returned(value),
      (thrown: unknown) => this.#failed(thrown),
    );
  }

  /** The code of a generator runs when it is asked for its next chunk, not when it is called. */
  #drive(generator: AsyncGenerator<unknown, unknown>): Promise<unknown> {
    return currentAttempt.run(this.#scope, () => this.chunks.drive(generator));
  }

  /**
   * A resumable node starts after the chunks it gave before. They are pushed here, since the node does not give them
   * again.
   */
  #restart(chunks: readonly Value[]): void {
    const { parts, key, node } = this.#setup;
    const observed = { time: parts.clock.now() };
    parts.journal.add({ kind: 'restart', at: key, node: node.name, ordinal: chunks.length, observed });
    for (const chunk of chunks) this.chunks.push(chunk);
  }

  get chunks(): ChunkStream {
    this.#stream ??= new ChunkStream(this.#setup, this.#life, this.#scope);
    return this.#stream;
  }

  #callNode(): unknown {
    const { node, state } = this.#setup;
    if (this.#inner !== undefined) return this.#inner.run();
    nodeStarts();
    const context = new NodeContextView(this.#scope, this, () => this.#halt.cleanUps);
    this.#scope.context = context as never;
    return currentAttempt.run(this.#scope, () =>
      (node as { run: (state: never, context: never) => unknown }).run(ownView(state) as never, context as never),
    );
  }

  #returned(value: unknown): void {
    const { parts, node, graph, state } = this.#setup;
    if (!this.#life.isOpen) {
      this.#life.codeSettled();
      return;
    }
    const stream = this.#stream;
    const withChunks = stream === undefined ? undefined : (delta: Value) => stream.delta(delta);
    this.#settle(readNodeReturn(value, { limits: parts.settings, node, graph, state }, withChunks));
  }

  #failed(given: unknown): void {
    const thrown = readable(given);
    // A bug in Reprise is not a failure of the node.
    if (thrown instanceof AssertionFault) this.#setup.parts.stop.fail('faulty', thrown);
    this.#settle({ status: 'failed', error: thrownValue(thrown, this.node, this.#setup.parts) });
  }

  #settle(result: AttemptResult): void {
    this.#life.codeSettled();
    if (!this.#life.isOpen) return;
    if (this.#setup.world.stopping !== undefined) {
      this.#halt.again();
      return;
    }
    // A named effect that is in flight when its node returns belongs to this attempt, which waits for it. An exchange may
    // belong to others as well, and be without end.
    const effects = this.#scope.held.madeEffects;
    if (effects === undefined) this.#done(result);
    else {
      this.#setup.parts.order.attempts.wait();
      effects.open.whenIdle(() => this.#done(result));
    }
  }

  #done(result: AttemptResult): void {
    this.#scope.isDone = true;
    this.#arriveAtEnd(() => this.#end(result));
  }

  /** It is stopped with this error, which its node never gets. */
  fail(error: Value): void {
    if (this.#life.isOpen) this.#arriveAtEnd(() => this.#endUnanswered(error));
  }

  #arriveAtEnd(end: () => void): void {
    const { parts, world } = this.#setup;
    const { recorded } = world;
    if (recorded?.isEnded !== true) arrive(parts, 'task', this.at, end);
    else if (recorded.ended === undefined) arriveNow(parts, 'task', this.at, end);
    else parts.order.followed.follow(recorded.ended, 'same', () => arriveNow(parts, 'task', this.at, end));
  }

  #end(result: AttemptResult): void {
    if (!this.#life.isOpen) return;
    this.#scope.held.end();
    this.#life.end();
    this.#numberEnd();
    this.#setup.owner.attemptEnded(resultOverDoubt(this.#setup, result));
  }

  #endUnanswered(error: Value): void {
    if (!this.#life.isOpen) return;
    this.#scope.held.timeOut();
    this.#halt.doubt(error);
  }

  /** Its time is over: what that means is up to the oracle. */
  expire(timeoutMs: number): void {
    const expired = (): void => this.#timeOut(timeoutMs);
    if (this.#setup.world.recorded?.isEnded !== true) arrive(this.#setup.parts, 'timeout', this.at, expired);
    else arriveNow(this.#setup.parts, 'timeout', this.at, expired);
  }

  #timeOut(timeoutMs: number): void {
    if (!this.#life.isOpen) return;
    const isRecorded = this.#setup.world.recorded?.isEnded === true;
    const doubt = isRecorded ? undefined : doubtAtTimeout(this.#setup, timeoutError(this.node, timeoutMs));
    this.#scope.held.timeOut();
    if (doubt === undefined) this.#halt.timeOut(timeoutMs);
    else this.#halt.doubt(doubt);
  }

  /** Stops the attempt from outside, without a result. */
  stop(reason: Error): void {
    this.#halt.stop(reason);
  }

  get isCleaningUp(): boolean {
    return this.#madeHalt?.isCleaningUp === true;
  }

  #leaveOrder(result: AttemptResult | undefined): void {
    const { oracle, order } = this.#setup.parts;
    const { attempts, followed } = order;
    oracle.left?.(this.at);
    if (result !== undefined) {
      this.#numberEnd();
      return;
    }
    followed.left(this.#setup.world.drawKey);
    if (this.#withdrawStart === undefined) attempts.leave();
    else {
      attempts.giveUp(this.#setup.number);
      this.#withdrawStart();
      this.#life.codeSettled();
    }
  }

  #numberEnd(): void {
    const { oracle, order } = this.#setup.parts;
    const { attempts, followed, quiet } = order;
    oracle.left?.(this.at);
    this.order = attempts.end({ due: this.#setup.due, started: this.#started });
    followed.left(this.#setup.world.drawKey);
    this.#scope.held.closeTimers();
    quiet.stir();
  }

  #drop(reason: Error): void {
    this.#inner?.stop(reason);
    this.#stream?.stop();
    this.#scope.held.drop(reason);
  }
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
