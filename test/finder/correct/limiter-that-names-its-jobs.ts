import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

interface Job {
  readonly isFree: () => Promise<void>;
  readonly run: (free: () => Promise<void>) => Promise<void>;
}

/** As Bottleneck does it: jobs go by names that are drawn, and begin where a place has become free, whosever they are. */
class Limiter {
  readonly #waiting: Job[] = [];
  readonly #running = new Set<string>();
  #left = 2;

  async schedule<Result>(work: () => Promise<Result>): Promise<Result> {
    await turn();
    const label = drawnName();
    return new Promise((resolve) => {
      const isFree = async () => {
        await turn();
        this.#left += 1;
        this.#begin();
      };
      this.#waiting.push({
        isFree,
        run: async () => {
          const name = drawnName();
          this.#running.add(name).add(label);
          await turn();
          const result = await work();
          // One that has no entry was ended before.
          if (!this.#running.delete(name) || !this.#running.delete(label)) return;
          await isFree();
          resolve(result);
        },
      });
      this.#begin();
    });
  }

  async #begin(): Promise<void> {
    await turn();
    if (this.#left === 0) return;
    const job = this.#waiting.shift();
    if (job === undefined) return;
    this.#left -= 1;
    void job.run(job.isFree);
    await this.#begin();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const drawnName = (): string => Math.random().toString(36);

export const correct: Correct = {
  title: 'a limiter that draws the names of its jobs, and begins them in whatever task a place is freed by',
  make() {
    const limiter = new Limiter();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ ask }) {
        const found = await limiter.schedule(() => ask('find'));
        return `${found} ${await limiter.schedule(() => ask('model'))}`;
      },
    });
  },
};
