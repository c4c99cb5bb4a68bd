import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a variable of the module is set before the first await, and read after it',
  rung: 'pairs',
  depth: 1,
  variable: 'current',
  make() {
    let current = '';
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        current = id;
        const answer = await ask('model');
        return `${current}: ${answer}`;
      },
    });
  },
};
