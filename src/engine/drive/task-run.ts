// One task: its attempts, one after another, until it is done, has failed for good, or is aborted.
import { drawStream } from '../../base/draw.ts';
import type { Value } from '../../base/value.ts';
import type { GraphSpec, NodeSpec, RetryPolicy } from '../../graph/spec.ts';
import type { AttemptResult, TaskSpec } from '../../journal/entry.ts';
import { attemptKey } from '../../journal/key.ts';
import type { TaskKey } from '../../journal/key.ts';
import type { TaskWorld } from '../../port/world.ts';
import { Attempt } from '../attempt/attempt.ts';
import { isFinal } from '../rules/failure.ts';
import type { RunCore } from '../run/run-parts.ts';

const waitMsDurable = 1_000;

export type TaskResult =
  | { readonly kind: 'done'; readonly result: AttemptResult & { readonly status: 'done' }; readonly attempts: number }
  | { readonly kind: 'failed'; readonly error: Value; readonly attempts: number }
  | { readonly kind: 'aborted' };

export interface TaskSetup {
  readonly core: RunCore;
  readonly graph: GraphSpec;
  readonly key: TaskKey;
  readonly spec: TaskSpec;
  readonly state: Value;
  readonly world: TaskWorld;
  /** Runs the inner run of a subgraph node. */
  readonly runInner: (
    attempt: Attempt,
    node: NodeSpec & { readonly kind: 'subgraph' },
    input: Value,
  ) => Promise<unknown>;
  readonly onEnd: (result: TaskResult) => void;
}

export class TaskRun {
  readonly #setup: TaskSetup;
  readonly #node: NodeSpec;
  #attempts = 0;
  #current: Attempt | undefined;
  #holdsSlot = false;
  #stopWaiting: (() => void) | undefined;
  #ended = false;
  #isCounted = false;

  constructor(setup: TaskSetup) {
    this.#setup = setup;
    this.#node = setup.graph.nodes.get(setup.spec.node) as NodeSpec;
  }

  get key(): TaskKey {
    return this.#setup.key;
  }

  start(): void {
    if (!this.#isCounted) this.#setup.core.activity.enter();
    this.#isCounted = true;
    this.#stopWaiting = this.#setup.core.slots.take({ node: this.#node, start: () => this.#attempt() });
  }

  #attempt(): void {
    const { core, key, spec, state, world, graph, runInner } = this.#setup;
    this.#stopWaiting = undefined;
    this.#holdsSlot = true;
    this.#attempts += 1;
    const node = this.#node;
    const began = core.clock.now();
    const attemptWorld = world.attempt(this.#attempts, node.policy.resumable === true);
    const attempt = new Attempt({
      core,
      graph,
      key: attemptKey(key, this.#attempts),
      number: this.#attempts,
      node,
      state,
      input: spec.input,
      world: attemptWorld,
      ...(node.kind === 'subgraph'
        ? { runInner: (own: Attempt) => this.#inner(() => runInner(own, node, spec.input)) }
        : {}),
      onWait: () => this.#giveSlot(),
      takeSlot: () => this.#takeSlotAgain(),
      onEnd: (result) =>
        this.#attemptEnded(attempt, result === undefined ? undefined : attemptWorld.settle(result), began),
    });
    this.#current = attempt;
    attempt.start();
  }

  /** A task that only waits for its subgraph holds no slot. */
  #inner(run: () => Promise<unknown>): Promise<unknown> {
    this.#giveSlot();
    return run();
  }

  #attemptEnded(attempt: Attempt, result: AttemptResult | undefined, began: number): void {
    const { core } = this.#setup;
    if (!attempt.isSettled && !attempt.isSuspended) core.lingering.add(attempt);
    this.#giveSlot();
    if (result === undefined) {
      this.#end({ kind: 'aborted' });
      return;
    }
    core.add({
      kind: 'outcome',
      at: attempt.at,
      node: this.#node.name,
      result,
      observed: { began, ended: core.clock.now() },
    });
    if (result.status === 'done') {
      core.doneAttempts?.set(this.key, this.#attempts);
      this.#end({ kind: 'done', result, attempts: this.#attempts });
    } else if (this.#mayRetry(result.error)) {
      // Two attempts of one task never run at once, unless the first ignores its signal for longer than the grace.
      this.#stopWaiting = core.lingering.after(
        (lingering) => lingering === attempt,
        () => this.#retry(),
      );
    } else this.#end({ kind: 'failed', error: result.error, attempts: this.#attempts });
  }

  #mayRetry(error: Value): boolean {
    const { retry, onError } = this.#node.policy;
    // A failed run that is resumed tries again what failed, whatever its policy was; what is handled did not fail it.
    const before = onError === undefined ? (this.#setup.world.failedAttempts ?? 0) : 0;
    if (this.#attempts <= before) return true;
    if (retry === undefined || this.#attempts - before >= retry.attempts || isFinal(error)) return false;
    try {
      return retry.when === undefined || retry.when(error) === true;
    } catch {
      // A predicate that fails says nothing; without a yes there is no further attempt.
      return false;
    }
  }

  #retry(): void {
    if (this.#ended) return;
    const { core } = this.#setup;
    const delayMs = this.#delayLeft();
    const again = (): void => {
      this.#stopWaiting = undefined;
      core.oracle.arrive({
        kind: 'retry',
        at: attemptKey(this.#setup.key, this.#attempts + 1),
        label: '',
        deliver: () => {
          if (!this.#ended) this.start();
        },
      });
    };
    if (delayMs === 0) again();
    else if (!core.isDurable || !core.parking.isLong(delayMs)) this.#stopWaiting = core.clock.setTimer(delayMs, again);
    else this.#park(delayMs, again);
    // A long wait is written down, so that a process that dies meanwhile does not begin it anew.
    if (core.isDurable && delayMs >= waitMsDurable) core.writeSoon();
  }

  #park(delayMs: number, again: () => void): void {
    const { core } = this.#setup;
    const unpark = core.parking.add(core.clock.now() + delayMs);
    const wake = (): void => {
      unpark();
      core.activity.wake();
    };
    const cancel = core.clock.setTimer(delayMs, () => {
      wake();
      again();
    });
    this.#stopWaiting = () => {
      cancel();
      wake();
    };
    core.activity.wait();
  }

  /** What a resumed run has begun already has waited already; where it waits, for the rest. */
  #delayLeft(): number {
    const { core, world } = this.#setup;
    const { retry } = this.#node.policy;
    if (retry === undefined) return 0;
    const known = world.knownAttempts ?? 0;
    if (this.#attempts > known) return this.#retryDelay(retry);
    if (this.#attempts < known || world.waitsSince === undefined) return 0;
    return Math.max(0, world.waitsSince + this.#retryDelay(retry) - core.clock.now());
  }

  #retryDelay(retry: RetryPolicy): number {
    const { delayMs = 0, backoff = 2, maxDelayMs = 30_000, jitter = 0 } = retry;
    const full = Math.min(delayMs * backoff ** (this.#attempts - 1), maxDelayMs);
    if (jitter === 0 || full === 0) return full;
    const draw = drawStream(this.#setup.core.seed, `${this.#setup.key}#${this.#attempts}:retry-jitter`).next();
    return Math.round(full * (1 - jitter * draw));
  }

  abort(reason: Error): void {
    if (this.#ended) return;
    this.#stopWaiting?.();
    const current = this.#current;
    if (current?.isOpen === true) current.abort(reason);
    else this.#end({ kind: 'aborted' });
  }

  #takeSlotAgain(): Promise<void> {
    return new Promise((resolve) => {
      const start = (): void => {
        this.#stopWaiting = undefined;
        this.#holdsSlot = true;
        resolve();
      };
      const giveUp = this.#setup.core.slots.take({ node: this.#node, start });
      if (this.#holdsSlot) return;
      this.#stopWaiting = () => {
        giveUp();
        resolve();
      };
    });
  }

  #giveSlot(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#setup.core.slots.give(this.#node);
  }

  #end(result: TaskResult): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#setup.onEnd(result);
    if (this.#isCounted) this.#setup.core.activity.leave();
  }
}
