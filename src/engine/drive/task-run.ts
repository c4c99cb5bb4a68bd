// One task: its attempts, one after another, until it is done, has failed for good, or is stopped.
//   Owns:         which attempt is running, its slot, the waits between attempts.
//   Not its job:  what an attempt does (attempt), whether and when it is retried (rules/retry.ts), what its end means
//                 for other tasks (step-run.ts).
//   T1. queued → attempting → lingering → backing off or parked → queued …; ended from any of them, once.
//   T2. Two attempts of one task never run at once, unless the first ignores its signal for longer than the grace period.
//   T3. It holds a slot only while it is attempting (or where the order is controlled, about to), and not while it waits;
//       one that wakes takes a slot first.
//   T4. A stop counts even if it comes while an attempt is ending: code of the user's runs then, and may cause one.
import { assert, assertMove } from '../../base/assert.ts';
import type { Value } from '../../base/value.ts';
import type { NodeSpec } from '../../graph/spec.ts';
import type { AttemptResult, TaskSpec } from '../../journal/entry.ts';
import { attemptKey } from '../../journal/key.ts';
import type { AttemptKey, TaskKey } from '../../journal/key.ts';
import type { TaskWorld } from '../../port/world.ts';
import type { InnerRun } from '../attempt/attempt.ts';
import type { AttemptOwner } from '../attempt/attempt-setup.ts';
import { isInDoubt } from '../rules/failure.ts';
import { countedResult } from '../rules/counted-result.ts';
import { mayBeRepeated, mayRetry, waitLeftMs } from '../rules/retry.ts';
import type { FailedAttempt } from '../rules/retry.ts';
import { arrive, arriveNow } from '../run/run-parts.ts';
import { stopDropped } from './dropped-attempt.ts';
import { attemptFor } from './errand-attempt.ts';
import { outcomeEntry } from './outcome-entry.ts';
import { taskMoves } from './task-state.ts';
import type { RunningAttempt, TaskState } from './task-state.ts';
import type { SubgraphNode, TaskResult, TaskStep } from './task-step.ts';

/** A longer wait is made durable when it begins, so that it does not start over if the process dies. */
const waitMsDurable = 1_000;

const ended: TaskState = { kind: 'ended' };

export class TaskRun implements AttemptOwner {
  readonly key: TaskKey;
  readonly #step: TaskStep;
  readonly #rank: number;
  readonly #spec: TaskSpec;
  readonly #world: TaskWorld;
  readonly #node: NodeSpec;
  #state: TaskState = { kind: 'new' };
  /** Undoes what the current state holds on to: a place in a queue, a timer. */
  #undo: (() => void) | undefined;
  #attempts = 0;
  /** From which place in the order of the step on its next attempt is due, or the one that runs was. */
  #due = 0;
  #isDue = false;
  /** What its last attempt failed with. */
  #error: Value;
  #holdsSlot = false;
  #wasInDoubt = false;
  /** It was stopped, while its attempt was ending or cleaned up. */
  #isStopped = false;

  constructor(step: TaskStep, rank: number, key: TaskKey, spec: TaskSpec, world: TaskWorld) {
    this.key = key;
    this.#step = step;
    this.#rank = rank;
    this.#spec = spec;
    this.#world = world;
    this.#node = world.standIn ?? (step.graph.nodes.get(spec.node) as NodeSpec);
  }

  /** `dueSince`: the place at which it became due, if that was before now. */
  start(dueSince?: number): void {
    const { rest, history } = this.#step.parts;
    for (const attempt of this.#world.freshAfter ?? []) history.askAgainAfter(attemptKey(this.key, attempt));
    rest.enter();
    this.#becomeDue(dueSince);
    this.#queue();
  }

  /** Stops the task from outside, without a result. */
  stop(reason: Error): void {
    this.#isStopped = true;
    if (this.#state.kind !== 'ended') stopDropped(this.#world, this.#attempts, reason, this.#step.parts);
    if (this.#state.kind === 'ended' || this.#hasToCleanUp) return;
    this.#takeBack();
    if (this.#state.kind === 'attempting') this.#state.attempt.stop(reason);
    else {
      this.giveSlot();
      this.#end({ kind: 'stopped' });
    }
  }

  get isCleaningUp(): boolean {
    return this.#hasToCleanUp || (this.#state.kind === 'attempting' && this.#state.attempt.isCleaningUp);
  }

  /** An attempt that was being stopped when its process died has still to clean up. It stops by itself. */
  get #hasToCleanUp(): boolean {
    const next = this.#state.kind === 'attempting' ? this.#attempts : this.#attempts + 1;
    return (this.#world.stopping ?? 0) >= next && !this.#step.parts.stop.isLetGo;
  }

  #becomeDue(since?: number): void {
    const place = this.#step.parts.order.attempts.due(this.#attempts + 1);
    this.#due = since ?? place;
    this.#isDue = true;
  }

  #queue(): void {
    const queued = this.#move({ kind: 'queued' });
    const giveUp = this.#step.parts.slots.take({ node: this.#node, start: () => this.#slotTaken(queued) });
    this.#undoIn(queued, giveUp);
  }

  #slotTaken(queued: TaskState): void {
    const { parts } = this.#step;
    this.#holdsSlot = true;
    const at = this.#nextAttempt;
    if (parts.oracle.isControlled !== true) this.#attempt(at);
    else arriveNow(parts, 'start', at, () => this.#state === queued && this.#attempt(at));
  }

  get #nextAttempt(): AttemptKey {
    return attemptKey(this.key, this.#attempts + 1);
  }

  #attempt(key: AttemptKey): void {
    const { parts, graph, state } = this.#step;
    this.#undo = undefined;
    this.#attempts += 1;
    this.#isDue = false;
    const number = this.#attempts;
    const node = this.#node;
    const began = parts.clock.now();
    const world = this.#world.attempt(number, node.policy.resumable === true);
    const inner = node.kind === 'subgraph' ? this.#innerRun(key, node) : undefined;
    const { input } = this.#spec;
    const mayRepeat = mayBeRepeated(node.policy, key, this.#world.failedAttempts);
    const setup = { parts, graph, key, number, due: this.#due, node, state, input, world, mayRepeat, owner: this };
    const attempt = attemptFor(setup, inner);
    this.#move({ kind: 'attempting', attempt, world, began });
    attempt.start();
  }

  /** A task that only waits for its subgraph holds no slot. */
  #innerRun(at: AttemptKey, node: SubgraphNode): InnerRun {
    const inner = this.#step.innerRun(at, node, this.#spec.input);
    const run = (): Promise<unknown> => {
      this.giveSlot();
      return inner.run();
    };
    return { run, stop: (reason) => inner.stop(reason), isCleaningUp: () => inner.isCleaningUp() };
  }

  attemptEnded(given: AttemptResult | undefined): void {
    const { parts } = this.#step;
    assert(this.#state.kind === 'attempting', 'T1: an attempt ends while its task is attempting');
    const { attempt, world, began } = this.#state;
    // A resumed attempt that does something else now must not end. `settle` stops the run then, and the task with it.
    const result =
      given === undefined ? undefined : countedResult(given, world.settle(given), this.#step.graph, this.#node);
    if (attempt.mayStillRun) parts.lingering.add(attempt);
    // Before others get its slot: what they do then may have to come before its next attempt in a replay as well.
    if (result !== undefined && result.status !== 'done' && this.#node.policy.retry !== undefined) this.#becomeDue();
    this.giveSlot();
    if (result === undefined) {
      this.#end({ kind: 'stopped' });
      return;
    }
    parts.journal.add(outcomeEntry(attempt, result, { began, ended: parts.clock.now() }));
    if (result.status === 'done') {
      parts.events?.attemptDone(this.key, this.#attempts);
      this.#end({ kind: 'done', result, attempts: this.#attempts });
    } else this.#failed(attempt, result.error);
  }

  #failed(attempt: RunningAttempt, error: Value): void {
    this.#error = error;
    this.#wasInDoubt ||= isInDoubt(error);
    const mayRetry = this.mayRetry(error);
    if (this.#isStopped && !this.#hasToCleanUp) this.#end({ kind: 'stopped' });
    else if (mayRetry) this.#linger(attempt);
    else this.#end({ kind: 'failed', error, attempts: this.#attempts });
  }

  mayRetry(error: Value): boolean {
    return mayRetry(this.#node.policy, this.#failure(error));
  }

  #failure(error: Value): FailedAttempt {
    return {
      number: this.#attempts,
      error,
      failedBefore: this.#world.failedAttempts ?? 0,
      wasInDoubt: this.#wasInDoubt,
    };
  }

  #linger(attempt: RunningAttempt): void {
    const lingering = this.#move({ kind: 'lingering' });
    if (!this.#isDue) this.#becomeDue();
    const giveUp = this.#step.parts.lingering.after(attempt.at, () => this.#backOff());
    this.#undoIn(lingering, giveUp);
  }

  #backOff(): void {
    const { parts } = this.#step;
    this.#undo = undefined;
    const delayMs = this.#delayLeftMs();
    if (delayMs > 0 && parts.settings.isDurable && parts.rest.isLong(delayMs)) this.#park(delayMs);
    else {
      this.#move({ kind: 'backing off' });
      if (delayMs === 0) this.#again();
      else this.#undo = parts.clock.setTimer(delayMs, () => this.#again(), { kind: 'retry', at: this.#nextAttempt });
    }
    if (parts.settings.isDurable && delayMs >= waitMsDurable) parts.journal.writeSoon();
  }

  #park(delayMs: number): void {
    const { rest, clock } = this.#step.parts;
    this.#move({ kind: 'parked' });
    const endWait = rest.addLongWait(clock.now() + delayMs);
    const wake = (): void => {
      endWait();
      rest.wake();
    };
    const again = (): void => {
      wake();
      this.#again();
    };
    const cancelTimer = clock.setTimer(delayMs, again, { kind: 'retry', at: this.#nextAttempt });
    const undo = (): void => {
      cancelTimer();
      wake();
    };
    this.#undo = undo;
    rest.wait();
  }

  #again(): void {
    this.#undo = undefined;
    arrive(this.#step.parts, 'retry', this.#nextAttempt, () => this.#state.kind !== 'ended' && this.#queue());
  }

  #delayLeftMs(): number {
    const { clock, seed, order } = this.#step.parts;
    if (order.isReplayed) return 0;
    const failed = { ...this.#failure(this.#error), place: this.key };
    return waitLeftMs(this.#node.policy, seed.current, failed, this.#world, clock.now());
  }

  giveSlot(): void {
    if (!this.#holdsSlot) return;
    this.#holdsSlot = false;
    this.#step.parts.slots.give(this.#node);
  }

  takeSlotAgain(resume: (hasSlot: boolean) => void): void {
    if (this.#holdsSlot) {
      resume(true);
      return;
    }
    let isTaken = false;
    const start = (): void => {
      isTaken = true;
      this.#undo = undefined;
      this.#holdsSlot = true;
      resume(true);
    };
    const giveUp = this.#step.parts.slots.take({ node: this.#node, start });
    if (isTaken) return;
    const undo = (): void => {
      giveUp();
      resume(false);
    };
    this.#undo = undo;
  }

  #end(result: TaskResult): void {
    if (this.#state.kind === 'ended') return;
    if (this.#isDue) this.#step.parts.order.attempts.giveUp(this.#attempts + 1);
    this.#move(ended);
    this.#step.taskEnded(this.#rank, result);
    this.#step.parts.rest.leave();
  }

  #move<State extends TaskState>(state: State): State {
    assertMove(taskMoves, this.#state.kind, state.kind, 'a task');
    assert(state.kind === 'attempting' || !this.#holdsSlot, 'T3: a task holds a slot only while it is attempting');
    this.#state = state;
    return state;
  }

  /** Registers `undo`, unless what began in this state has already ended. */
  #undoIn(state: TaskState, undo: () => void): void {
    if (this.#state === state) this.#undo = undo;
  }

  #takeBack(): void {
    this.#undo?.();
    this.#undo = undefined;
  }
}
