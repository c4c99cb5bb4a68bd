import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a node that runs at most twice at once',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c', 'd', 'e'],
      options: { maxConcurrent: 2 },
      work: async ({ ask }) => `${await ask('search')}, ${await ask('model')}`,
    }),
};
