// How an attempt is stopped, whatever stops it.
//   Owns:         what its node registered for this case, whether there is something to clean up, what it is over with.
//   Not its job:  the order of marking, settling and cleaning (stopping.ts), how a node ends by itself (attempt.ts).
//   Z1. What has something to clean up is over once that is done. Anything else is over at once.
//   Z2. If the process lets go of the run, nothing is cleaned up here: the attempt is entered again later.
import { assert } from '../../../base/assert.ts';
import type { Value } from '../../../base/value.ts';
import type { AttemptResult } from '../../../journal/entry.ts';
import type { StoppedBefore } from '../../../port/world.ts';
import type { LingeringAttempt } from '../../run/lingering.ts';
import type { AttemptLife } from '../attempt-life.ts';
import type { AttemptSetup } from '../attempt-setup.ts';
import { inDoubt, ownTimeout, stopEntry, stoppedBefore, stoppedBy } from './attempt-stop.ts';
import type { AttemptStop } from './attempt-stop.ts';
import { CleanUps } from './clean-ups.ts';
import { Stopping } from './stopping.ts';
import type { Stoppable } from './stopping.ts';

/** The attempt that is stopped. */
export interface Halting extends LingeringAttempt {
  /** Gives up its place in the order of its step. */
  leaveOrder(result: AttemptResult | undefined): void;
  /** Nothing that is open in it continues. */
  drop(reason: Error): void;
}

/** The inner run of a subgraph's attempt. */
interface Inner {
  stop(reason: Error): void;
  /** Whether an attempt of it has something to clean up before it is over. */
  isCleaningUp(): boolean;
}

export class Halt implements Stoppable {
  readonly #setup: AttemptSetup;
  readonly #life: AttemptLife;
  readonly #attempt: Halting;
  readonly #inner: Inner | undefined;
  #cleanUps: CleanUps | undefined;
  /** Set once it is stopped and has something to clean up. */
  #stopping: { readonly stop: AttemptStop; readonly way: Stopping } | undefined;

  constructor(setup: AttemptSetup, life: AttemptLife, attempt: Halting, inner: Inner | undefined) {
    this.#setup = setup;
    this.#life = life;
    this.#attempt = attempt;
    this.#inner = inner;
  }

  get cleanUps(): CleanUps {
    this.#cleanUps ??= new CleanUps(this.#setup);
    return this.#cleanUps;
  }

  get isCleaningUp(): boolean {
    return this.#stopping?.way.isOver === false;
  }

  /** Whether code of its node may still run, and nobody has waited for it. */
  get mayStillRun(): boolean {
    return this.#life.mayStillRun && this.#stopping?.way.hasWaited !== true;
  }

  /** From outside. */
  stop(reason: Error): void {
    const { parts, world } = this.#setup;
    if (this.#life.isOpen) {
      // One that was stopped before its process died stops by itself.
      if (world.stopping === undefined || parts.stop.isLetGo) this.#begin(stoppedBy(reason, parts.stop.current));
    } else if (this.isCleaningUp && parts.stop.isLetGo) this.#letGo(reason);
  }

  /** Its own time is over. */
  timeOut(timeoutMs: number): void {
    this.#begin(ownTimeout(this.#setup.node.name, timeoutMs));
  }

  /** Nobody knows what became of an effect of it, and its node never learns. */
  doubt(error: Value): void {
    this.#begin(inDoubt(error));
  }

  /** Its process had died while it was being stopped. Its node runs until it is known what there is to clean up. */
  startAgain({ whenAtRest }: StoppedBefore): void {
    if (this.#inner !== undefined) {
      this.again();
      return;
    }
    const { order, stop } = this.#setup.parts;
    const rest = new Promise<void>((resolve) => whenAtRest(order.quiet, resolve));
    // It performs nothing until it is at rest: others may have its slot.
    this.#life
      .pausedFor(rest)
      .then(() => this.again())
      .catch((fault: unknown) => stop.fail('faulty', fault));
  }

  /** It is known now. */
  again(): void {
    const { world, node } = this.#setup;
    assert(world.stopping !== undefined, 'Z1: an attempt is stopped again only if it was stopped before');
    this.#begin(stoppedBefore(world.stopping, node));
  }

  #begin(stop: AttemptStop): void {
    if (!this.#life.isOpen) return;
    if (!this.#hasToCleanUp(stop.reason)) {
      this.#over(stop);
      this.#attempt.leaveOrder(stop.result);
      this.#attempt.drop(stop.reason);
      this.#setup.owner.attemptEnded(stop.result);
      return;
    }
    const { parts, key, node } = this.#setup;
    const way = new Stopping(parts, this);
    this.#stopping = { stop, way };
    this.#life.stop(stop.reason, 'to clean up');
    this.#attempt.leaveOrder(stop.result);
    way.begin(stopEntry(key, node.name, stop, parts.clock.now()));
  }

  #hasToCleanUp(reason: Error): boolean {
    const { parts, world } = this.#setup;
    if (parts.stop.isLetGo) return false;
    if (this.#inner === undefined) return this.#cleanUps?.isNeeded === true;
    // Attempts of the inner run clean up first.
    this.#inner.stop(reason);
    return this.#inner.isCleaningUp() || world.stopping !== undefined;
  }

  tell(): void {
    const { reason } = this.#stop;
    this.#life.stop(reason, 'told');
    this.#attempt.drop(reason);
  }

  whenSettled(callback: () => void): void {
    const { lingering } = this.#setup.parts;
    // An inner run ends by itself, when its own attempts have cleaned up.
    if (this.#inner !== undefined) this.#attempt.whenSettled(callback);
    else {
      if (this.#life.mayStillRun) lingering.add(this.#attempt);
      lingering.after(this.#attempt.at, callback);
    }
  }

  cleanUp(done: () => void): void {
    if (this.#cleanUps === undefined) done();
    else this.#cleanUps.run(done);
  }

  cleanedUp(): void {
    this.#over(this.#stop);
    this.#setup.owner.attemptEnded(this.#stop.result);
  }

  #letGo(reason: Error): void {
    this.#stopping?.way.drop();
    this.#cleanUps?.drop(reason);
    this.#life.stop(reason);
    this.#attempt.drop(reason);
    this.#setup.owner.attemptEnded(undefined);
  }

  #over({ reason, result }: AttemptStop): void {
    if (result === undefined) this.#life.stop(reason);
    else this.#life.end(reason);
  }

  get #stop(): AttemptStop {
    assert(this.#stopping !== undefined, 'Z1: it is being stopped');
    return this.#stopping.stop;
  }
}
