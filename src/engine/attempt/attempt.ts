// One try of a task: calls the node, answers what it asks, and says how it ended.
//   Owns:         the attempt's effects, events and draws; when it counts as over; what it may still do after that.
//   Not its job:  retries (task-run.ts), the order of deliveries (the oracle), what the outside says (the world).
//   A1. While it is open, everything that the node does through Reprise is journaled under its key.
//   A2. Once it is closed nothing of it reaches the journal, and everything that it still tries is refused.
//   A3. `onEnd` is called once: with how the attempt ended, or with nothing if it was aborted from outside.
//   A4. Every completion passes the oracle, so an order of completions is always the oracle's choice.
import { RepriseError } from '../../base/error.ts';
import { canonicalValue, ownView } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { GraphSpec, NodeSpec } from '../../graph/spec.ts';
import type { AttemptResult } from '../../journal/entry.ts';
import type { AttemptKey, TaskKey } from '../../journal/key.ts';
import { taskOfAttempt } from '../../journal/key.ts';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt, ExchangeRequest, OpenExchange } from '../../port/attempt.ts';
import type { AttemptWorld } from '../../port/world.ts';
import { AttemptEffects } from './effect-protocol.ts';
import { AttemptStream, isGenerator } from './chunk-stream.ts';
import { NodeContextView } from './node-context.ts';
import { errorValue, timeoutError } from '../rules/failure.ts';
import { readNodeReturn } from '../rules/node-return.ts';
import type { RunCore } from '../run/run-parts.ts';

export interface AttemptSetup {
  readonly core: RunCore;
  readonly key: AttemptKey;
  readonly number: number;
  readonly node: NodeSpec;
  readonly state: Value;
  readonly input: Value;
  readonly world: AttemptWorld;
  readonly graph: GraphSpec;
  /** Runs the inner run of a subgraph node, in place of a function. */
  readonly runInner?: (attempt: Attempt) => Promise<unknown>;
  readonly onEnd: (result: AttemptResult | undefined) => void;
  /** It waits, for people, for a reader or for long: others may use its slot. */
  readonly onWait: () => void;
  /** Before it goes on behind a reader: resolves when there is room for it, or when it is over. */
  readonly takeSlot: () => Promise<void>;
}

export class Attempt implements CurrentAttempt {
  readonly setup: AttemptSetup;
  readonly effects: AttemptEffects;
  readonly isPerforming = false;
  isOpen = true;
  #abort: AbortController | undefined;
  #abortReason: Error | undefined;
  #stopWatching: (() => void) | undefined;
  /** What is left of its time, where it has stood still meanwhile. */
  #leftMs: number | undefined;
  /** The node's own promise has settled: none of its code runs any more, as far as anyone can know. */
  #isSettled = false;
  #onSettled: (() => void) | undefined;
  #isWaiting = false;
  #stream: AttemptStream | undefined;
  /** It was stopped while all of it waited: its code never goes on, and is not waited for. */
  isSuspended = false;
  /** What else has to stop when the attempt is aborted: the inner run of a subgraph. */
  onAbort: ((reason: Error) => void) | undefined;

  constructor(setup: AttemptSetup) {
    this.setup = setup;
    this.effects = new AttemptEffects(this);
  }

  get at(): AttemptKey {
    return this.setup.key;
  }
  get node(): string {
    return this.setup.node.name;
  }
  get task(): TaskKey {
    return taskOfAttempt(this.setup.key);
  }
  /** Made when first asked for: most nodes never look at it. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  start(): void {
    const { world } = this.setup;
    this.#watch();
    let returned: unknown;
    try {
      if (world.resumed !== undefined) this.#restart(world.resumed);
      returned = world.run(() => this.#callNode());
    } catch (thrown) {
      this.#settle({ status: 'failed', error: errorValue(thrown, this.node) });
      return;
    }
    // The code of a generator runs when it is asked for its next chunk, and not when it is called.
    if (isGenerator(returned)) {
      const generator = returned;
      returned = currentAttempt.run(this, () => this.stream.drive(generator));
    }
    if (!isThenable(returned)) {
      this.#returned(returned);
      return;
    }
    // Determinism boundary: when a node settles is up to the outside; from here on the oracle decides what that means.
    returned.then(
      (value) => this.#returned(value),
      (thrown: unknown) => this.#settle({ status: 'failed', error: errorValue(thrown, this.node) }),
    );
  }

  /** What it gave before is given again by us, and not by the node. */
  #restart(chunks: readonly Value[]): void {
    const { core, key, node } = this.setup;
    const observed = { time: core.clock.now() };
    core.add({ kind: 'restart', at: key, node: node.name, ordinal: chunks.length, observed });
    for (const chunk of chunks) this.stream.push(chunk);
  }

  /** Its time runs, as far as it has not run before. */
  #watch(): void {
    const { node, world, core } = this.setup;
    const timeoutMs = node.policy.timeoutMs;
    if (timeoutMs === undefined) return;
    const leftMs = this.#leftMs ?? timeoutMs;
    const began = core.clock.now();
    const stop = world.watch(leftMs, () => {
      core.oracle.arrive({ kind: 'timeout', at: this.at, label: '', deliver: () => this.#expire(timeoutMs) });
    });
    this.#stopWatching = () => {
      stop();
      this.#leftMs = Math.max(0, leftMs - (core.clock.now() - began));
      this.#stopWatching = undefined;
    };
  }

  get stream(): AttemptStream {
    this.#stream ??= new AttemptStream(this);
    return this.#stream;
  }

  /** Waits for readers: that takes nothing of its time, and others may use its slot. */
  async pausedFor(room: Promise<void>): Promise<void> {
    this.#stopWatching?.();
    this.setup.onWait();
    await room;
    if (this.isOpen) await this.setup.takeSlot();
    if (this.isOpen) this.#watch();
  }

  /** Whether nothing is open here but answers of people and long sleeps. */
  set isWaiting(isWaiting: boolean) {
    if (isWaiting === this.#isWaiting || !this.isOpen) return;
    this.#isWaiting = isWaiting;
    const { core, onWait } = this.setup;
    if (isWaiting) {
      // Time for people to answer is no time of the node's. One that is timed does not sleep like this.
      this.#stopWatching?.();
      onWait();
      core.activity.wait();
    } else {
      this.#watch();
      core.activity.wake();
    }
  }

  #callNode(): unknown {
    const { node, state, runInner } = this.setup;
    if (runInner !== undefined) return runInner(this);
    return currentAttempt.run(this, () =>
      (node as { run: (state: never, context: never) => unknown }).run(
        ownView(state) as never,
        this.context() as never,
      ),
    );
  }

  context(): NodeContextView {
    return new NodeContextView(this);
  }

  #returned(value: unknown): void {
    if (!this.isOpen) {
      this.#settle({ status: 'done' });
      return;
    }
    const stream = this.#stream;
    this.#settle(readNodeReturn(value, this.setup, stream === undefined ? undefined : (delta) => stream.delta(delta)));
  }

  #settle(result: AttemptResult): void {
    this.#isSettled = true;
    this.#onSettled?.();
    if (!this.isOpen) return;
    const arrive = (): void => {
      this.setup.core.oracle.arrive({ kind: 'task', at: this.at, label: '', deliver: () => this.#end(result) });
    };
    // A node may return while an effect of its own is still on its way; it belongs to this attempt, so it is waited for.
    this.effects.whenIdle(arrive);
  }

  #expire(timeoutMs: number): void {
    if (!this.isOpen) return;
    const error = timeoutError(this.node, timeoutMs);
    this.#close(error);
    this.setup.onEnd({ status: 'timeout', error: canonicalValue(error, 'error') });
  }

  #end(result: AttemptResult): void {
    if (!this.isOpen) return;
    this.#close(undefined);
    this.setup.onEnd(result);
  }

  /** Stops the attempt from outside: it ended with nothing. */
  abort(reason: Error): void {
    if (!this.isOpen) return;
    this.#close(reason);
    this.setup.onEnd(undefined);
  }

  #close(abortReason: Error | undefined): void {
    this.isOpen = false;
    this.#stopWatching?.();
    if (this.#isWaiting) {
      this.#isWaiting = false;
      this.isSuspended = true;
      this.setup.core.activity.wake();
    }
    if (abortReason === undefined) return;
    this.#abortReason = abortReason;
    // The signal first: an exchange that listens to it then ends with the reason, and not as one that was left behind.
    this.#abort?.abort(abortReason);
    this.onAbort?.(abortReason);
    this.#stream?.stop();
    this.effects.drop(abortReason);
  }

  /** Calls back once the node's code has come to its end, at once if it has. */
  whenSettled(callback: () => void): void {
    if (this.#isSettled) callback();
    else this.#onSettled = callback;
  }
  get isSettled(): boolean {
    return this.#isSettled;
  }

  openExchange(request: ExchangeRequest): OpenExchange {
    return this.effects.openExchange(request);
  }

  refusal(what: string): RepriseError {
    return new RepriseError(
      'task-detached',
      `${what} was tried by task ${this.task} ("${this.node}") after its attempt was over`,
      {
        nextStep: 'Await everything that a node starts, and stop when `context.signal` aborts.',
        fields: { task: this.task, node: this.node },
        ...(this.#abortReason === undefined ? {} : { cause: this.#abortReason }),
      },
    );
  }

  noteRejection(reason: unknown): void {
    // What an aborted attempt leaves behind is its own abort coming back.
    if (reason === this.#abortReason) return;
    const message =
      reason instanceof Error ? `${reason.name}: ${reason.message}` : `a value that is no Error: ${typeof reason}`;
    this.setup.core.notes.add({ kind: 'unhandled-rejection', at: this.at, node: this.node, message });
  }

  noteUnrecorded(what: string): void {
    this.setup.core.notes.add({ kind: 'unrecorded', at: this.at, node: this.node, message: what });
  }
}

function isThenable(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
