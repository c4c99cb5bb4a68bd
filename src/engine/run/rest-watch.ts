// How many activities of a run are under way, and how many wait: for people, or for so long that it is not worth to stay
// (parking.ts). When all that is left waits, the run rests.
//   V1. The drive of a scope counts between its steps, a task from its start to its end; whoever waits does not count.
//   V2. A node that asks twice in one go waits once: that the run rests is decided a turn later.
import type { Clock } from '../../port/clock.ts';

export class Activity {
  readonly #clock: Clock;
  #busyCount = 1;
  #waitingCount = 0;
  #isScheduled = false;
  onRest: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(): void {
    this.#busyCount += 1;
  }

  leave(): void {
    this.#busyCount -= 1;
    if (!this.#isResting || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#clock.setTimer(0, () => {
      this.#isScheduled = false;
      if (this.#isResting) this.onRest();
    });
  }

  wait(): void {
    this.#waitingCount += 1;
    this.leave();
  }

  wake(): void {
    this.#waitingCount -= 1;
    this.enter();
  }

  get #isResting(): boolean {
    return this.#busyCount === 0 && this.#waitingCount > 0;
  }
}
