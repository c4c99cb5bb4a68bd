import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

/** Lets two begin in each interval, by a timer that belongs to the task which came first. */
class Queue {
  #waiting: (() => void)[] = [];
  #left = 2;
  #ticks: ReturnType<typeof setInterval> | undefined;

  async add<Found>(work: () => Promise<Found>): Promise<Found> {
    this.#ticks ??= setInterval(() => this.#tick(), 200);
    if (this.#left > 0) this.#left -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return work();
  }

  #tick(): void {
    this.#left = 2;
    if (this.#waiting.length === 0) {
      clearInterval(this.#ticks);
      this.#ticks = undefined;
    }
    for (; this.#left > 0 && this.#waiting.length > 0; this.#left -= 1) this.#waiting.shift()?.();
  }
}

export const correct: Correct = {
  title: 'a queue that lets two begin in each interval',
  make() {
    const queue = new Queue();
    return fanOut({ ids: ['a', 'b', 'c', 'd'], work: ({ ask }) => queue.add(() => ask('model')) });
  },
};
