// Decides when a run rests: everything left of it waits, for people or for longer than is worth staying in memory for.
//   Owns:         how many activities are busy and how many wait, the long waits, the steps that are open.
//   Not its job:  what follows from a rest (the run is paused).
//   V1. A scope counts as busy between its steps, a task from its start to its end. What waits does not count.
//   V2. A rest is decided one turn later, so that a node which asks two questions in one go waits once.
//   V3. A step that has failed ends instead of resting, and its questions stay open.
//   V4. Work that is under way without the run's knowing what it is (a timer that a node has set) holds off a rest. It is
//       looked at only where the run would rest.
import { assert } from '../../base/assert.ts';
import type { Clock } from '../../port/clock.ts';

/** A step, as seen when everything left of the run waits. */
export interface OpenStep {
  /** Ends the step if one of its tasks has failed and the rest waits. Returns whether it did. */
  endIfFailed(): boolean;
}

interface RestSetup {
  readonly clock: Clock;
  /** Shorter waits keep the run in memory. */
  readonly parkMs: number;
  readonly pause: () => void;
}

export class RestWatch {
  readonly #setup: RestSetup;
  /** The run's own scope is busy from the start. */
  #busyCount = 1;
  #waitingCount = 0;
  #isScheduled = false;
  readonly #longWaits = new Set<{ readonly due: number }>();
  readonly #openSteps = new Set<OpenStep>();
  readonly #work = new Set<{ readonly isWork: () => boolean }>();

  constructor(setup: RestSetup) {
    this.#setup = setup;
  }

  enter(): void {
    this.#busyCount += 1;
  }

  leave(): void {
    this.#busyCount -= 1;
    assert(this.#busyCount >= 0, 'V1: an activity leaves once for each time it entered');
    this.#look();
  }

  #look(): void {
    if (!this.#isResting || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#setup.clock.setTimer(0, () => {
      this.#isScheduled = false;
      if (this.#isResting) this.#rest();
    });
  }

  /** A busy activity begins to wait. */
  wait(): void {
    this.#waitingCount += 1;
    this.leave();
  }

  /** A waiting activity is busy again. */
  wake(): void {
    this.#waitingCount -= 1;
    assert(this.#waitingCount >= 0, 'V1: an activity wakes once for each time it waited');
    this.enter();
  }

  /** Whether a wait is so long that the run leaves memory if nothing else is going on. */
  isLong(leftMs: number): boolean {
    return leftMs >= this.#setup.parkMs;
  }

  /** A node has begun something that holds the run in memory while `isWork`; the returned function ends it. */
  addWork(isWork: () => boolean): () => void {
    const work = { isWork };
    this.#work.add(work);
    return () => {
      this.#work.delete(work);
      this.#look();
    };
  }

  /** Begins a long wait; the returned function ends it. */
  addLongWait(due: number): () => void {
    const wait = { due };
    this.#longWaits.add(wait);
    return () => this.#longWaits.delete(wait);
  }

  /** When the first of the long waits is over. */
  get wakeAt(): number | undefined {
    let first: number | undefined;
    for (const { due } of this.#longWaits) first = Math.min(first ?? due, due);
    return first;
  }

  openStep(step: OpenStep): void {
    this.#openSteps.add(step);
  }

  closeStep(step: OpenStep): void {
    this.#openSteps.delete(step);
  }

  get isInStep(): boolean {
    return this.#openSteps.size > 0;
  }

  #rest(): void {
    for (const step of [...this.#openSteps].reverse()) if (step.endIfFailed()) return;
    this.#setup.pause();
  }

  get #isResting(): boolean {
    return this.#busyCount === 0 && this.#waitingCount > 0 && ![...this.#work].some(({ isWork }) => isWork());
  }
}
