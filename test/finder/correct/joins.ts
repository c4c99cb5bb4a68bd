import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'joins whose outputs follow the order of tasks',
  make: () =>
    fanOut({
      ids: ['c', 'a', 'b'],
      work: async ({ id, ask }) => {
        const [first, second] = await Promise.all([ask('search'), ask('model')]);
        const third = await ask(`${first} and ${second}`);
        return `${id}: ${third}`;
      },
    }),
};
