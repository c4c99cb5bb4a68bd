// The life of one attempt, and its time.
//   Owns:         whether the attempt is running, waiting or over; its signal; how much of its time is left; whether the
//                 node's code has settled.
//   Not its job:  what the node does meanwhile (attempt.ts), its effects (effect-protocol.ts).
//   L1. running → waiting → waking → running; over from each, by way of stopping if there is something to clean up. Nothing
//       leads out of over.
//   L2. Waiting means that nothing is open but answers from people, signals and long sleeps. The time of the attempt
//       stands still then, and it holds no slot. What it waited for reaches it once it has one again.
//   L3. An attempt that is stopping gets and does nothing more, like one that is over. Its signal aborts once it is told.
//   L4. Over and settled are two things: the code of an attempt that timed out may still run.
import { assertMove } from '../../base/assert.ts';
import type { Moves } from '../../base/assert.ts';
import type { AttemptSetup } from './attempt-setup.ts';

export type Life =
  | { readonly kind: 'running' }
  | { readonly kind: 'waiting' }
  /** Something that it waited for has come, and it queues for a slot. */
  | { readonly kind: 'waking' }
  /** It cleans up before it is over. */
  | { readonly kind: 'stopping'; readonly reason: Error; readonly isTold: boolean }
  /** Its outcome is journaled. `reason`: what its signal aborted with, if it did not end by itself. */
  | { readonly kind: 'over'; readonly how: 'ended' | 'stopped'; readonly reason?: Error }
  /** Stopped from outside: it has no outcome, and its signal tells its code. */
  | { readonly kind: 'over'; readonly how: 'aborted'; readonly reason: Error }
  /** Dropped while everything in it waited: its code never continues, nothing waits for it, and it is entered again. */
  | { readonly kind: 'over'; readonly how: 'suspended'; readonly reason: Error };

const moves: Moves<Life['kind']> = {
  running: ['waiting', 'stopping', 'over'],
  waiting: ['waking', 'stopping', 'over'],
  waking: ['running', 'waiting', 'stopping', 'over'],
  stopping: ['stopping', 'over'],
  over: [],
};

/** What has a life, and is told when its time is over. */
export interface Timed {
  expire(timeoutMs: number): void;
}

export class AttemptLife {
  readonly #setup: AttemptSetup;
  readonly #timed: Timed;
  #life: Life = { kind: 'running' };
  #abort: AbortController | undefined;
  #stopTime: (() => void) | undefined;
  /** What was left of its time when its clock was stopped. */
  #leftMs: number | undefined;
  /** It waits for readers, or until it is at rest. */
  #isPaused = false;
  /** It is in the queue for a slot. */
  #isQueued = false;
  /** What happens once it runs again. */
  #whenRunning: (() => void)[] = [];
  /** Ends the wait for a slot after that. */
  #endPause: (() => void) | undefined;
  #isSettled = false;
  #whenSettled: (() => void) | undefined;

  constructor(setup: AttemptSetup, timed: Timed) {
    this.#setup = setup;
    this.#timed = timed;
  }

  get isOpen(): boolean {
    return this.#life.kind !== 'over' && this.#life.kind !== 'stopping';
  }

  /** The reason for which the attempt was stopped; undefined for one that is open or has ended by itself. */
  get stopReason(): Error | undefined {
    return this.#life.kind === 'over' || this.#life.kind === 'stopping' ? this.#life.reason : undefined;
  }

  /** Created on first use: most nodes never look at it. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      const isTold = this.#life.kind !== 'stopping' || this.#life.isTold;
      if (this.stopReason !== undefined && isTold) this.#abort.abort(this.stopReason);
    }
    return this.#abort.signal;
  }

  /** Starts its clock with the time that is left. */
  startTime(): void {
    const { node, world, parts } = this.#setup;
    const { timeoutMs } = node.policy;
    // It may wait for people and for a reader at once, and its time runs when it waits for neither.
    if (timeoutMs === undefined || this.#life.kind !== 'running' || this.#isPaused) return;
    const leftMs = this.#leftMs ?? timeoutMs;
    const began = parts.clock.now();
    const stop = world.watch(leftMs, () => this.#timed.expire(timeoutMs));
    const stopTime = (): void => {
      stop();
      this.#leftMs = Math.max(0, leftMs - (parts.clock.now() - began));
      this.#stopTime = undefined;
    };
    this.#stopTime = stopTime;
  }

  /** Calls back as soon as it holds a slot: at once unless it waits. */
  whenRunning(callback: () => void): void {
    if (this.#life.kind === 'waiting' || this.#life.kind === 'waking') this.#whenRunning.push(callback);
    else callback();
  }

  /** Whether nothing is open but answers from people, signals and long sleeps. */
  set isWaiting(isWaiting: boolean) {
    if (!this.isOpen || isWaiting === (this.#life.kind === 'waiting')) return;
    const { parts, owner } = this.#setup;
    if (isWaiting) {
      this.#move({ kind: 'waiting' });
      this.#stopTime?.();
      owner.giveSlot();
      parts.rest.wait();
    } else {
      this.#move({ kind: 'waking' });
      parts.rest.wake();
      this.#queueForSlot();
    }
  }

  #queueForSlot(): void {
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#setup.owner.takeSlotAgain((hasSlot) => {
      this.#isQueued = false;
      if (hasSlot && this.isOpen) this.#slotTaken();
    });
  }

  #slotTaken(): void {
    if (this.#life.kind === 'waiting') {
      // It waits again meanwhile.
      this.#setup.owner.giveSlot();
      return;
    }
    if (this.#life.kind === 'waking') this.#move({ kind: 'running' });
    const callbacks = this.#whenRunning;
    this.#whenRunning = [];
    this.startTime();
    this.#endPause?.();
    for (const callback of callbacks) callback();
  }

  /** Waits for something beside its node. The attempt's clock is stopped meanwhile, and others may use its slot. */
  async pausedFor(event: Promise<void>): Promise<void> {
    this.#isPaused = true;
    this.#stopTime?.();
    this.#setup.owner.giveSlot();
    await event;
    this.#isPaused = false;
    if (this.#life.kind !== 'running') return;
    await new Promise<void>((resolve) => {
      this.#endPause = resolve;
      this.#queueForSlot();
    });
  }

  /** Its outcome is journaled. `stop`: what its signal aborts with, if it did not end by itself. */
  end(stop?: Error): void {
    this.#over({ kind: 'over', ...(stop === undefined ? { how: 'ended' } : { how: 'stopped', reason: stop }) });
  }

  /**
   * Stopped from outside. One that has something to clean up is not over yet, and learns later that it is stopped. If the
   * run is suspended, the code of a waiting attempt is not told.
   */
  stop(reason: Error, how: 'aborted' | 'to clean up' | 'told' = 'aborted'): void {
    if (how === 'told') {
      this.#move({ kind: 'stopping', reason, isTold: true });
      this.#abort?.abort(reason);
    } else if (how === 'to clean up') this.#leave({ kind: 'stopping', reason, isTold: false });
    else {
      const isDropped = this.#life.kind === 'waiting' && this.#setup.parts.stop.isSuspension;
      this.#over({ kind: 'over', how: isDropped ? 'suspended' : how, reason });
    }
  }

  /** The promise of the node has settled, so presumably none of its code runs any more. */
  codeSettled(): void {
    this.#isSettled = true;
    this.#whenSettled?.();
  }

  /** Whether code of an attempt that is over may still run, so that the run has to wait for it. */
  get mayStillRun(): boolean {
    const isSuspended = this.#life.kind === 'over' && this.#life.how === 'suspended';
    return !this.#isSettled && !isSuspended;
  }

  whenSettled(callback: () => void): void {
    if (this.#isSettled) callback();
    else this.#whenSettled = callback;
  }

  #over(life: Life & { readonly kind: 'over' }): void {
    this.#leave(life);
    // The signal comes first, so that an exchange that listens to it ends with the reason, not as one left open.
    if (life.reason !== undefined) this.#abort?.abort(life.reason);
  }

  /** It no longer runs or waits. */
  #leave(life: Life): void {
    this.#stopTime?.();
    const wasWaiting = this.#life.kind === 'waiting';
    this.#move(life);
    if (wasWaiting) this.#setup.parts.rest.wake();
    this.#whenRunning = [];
    this.#endPause?.();
  }

  #move(life: Life): void {
    assertMove(moves, this.#life.kind, life.kind, 'an attempt');
    this.#life = life;
  }
}
