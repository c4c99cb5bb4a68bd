import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a node of which two tasks run at once',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c', 'd', 'e'],
      options: { maxConcurrent: 2 },
      work: async ({ ask }) => `${await ask('search')}, ${await ask('model')}`,
    }),
};
