// Vercel Workflow (vercel/workflow#3583): after a race the clock is read, and what it shows picks the branch.
import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the winner of a race picks the branch, and with it what is asked next',
  rung: 'all orders',
  depth: 1,
  make: () =>
    oneNode(async ({ ask, sleep }) => {
      let isLate = false;
      const deadline = sleep(500, 'deadline').then(() => {
        isLate = true;
        return 'late';
      });
      await Promise.race([ask('approval'), deadline]);
      return ask(isLate ? 'escalate' : 'continue');
    }),
};
