import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

const prices = { a: 0.1, b: 0.2, c: 0.3 } as const;

export const plant: Plant = {
  title: 'floats are summed in the order of completion',
  rung: 'pairs',
  depth: 2,
  variable: 'sum',
  make() {
    let sum = 0;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('price');
        sum += prices[id as keyof typeof prices];
        return id;
      },
      after: () => `${sum}`,
    });
  },
};
