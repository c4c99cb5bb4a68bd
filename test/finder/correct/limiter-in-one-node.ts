import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'two workers of one node that share a queue, and put each result in its place',
  make: () =>
    oneNode(async ({ effect }) => {
      const jobs = ['a', 'b', 'c', 'd'];
      const results: string[] = [];
      let next = 0;
      const worker = async (): Promise<void> => {
        for (let place = next; place < jobs.length; place = next) {
          next += 1;
          results[place] = await effect('job', { job: jobs[place] }, async () => `done ${jobs[place]}`);
        }
      };
      await Promise.all([worker(), worker()]);
      return results.join();
    }),
};
