import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'two pairs of tasks have to be swapped at once',
  rung: 'pairs',
  depth: 2,
  variable: 'order',
  make() {
    const order: string[] = [];
    const isSwapped = (first: string, second: string): boolean => order.indexOf(second) < order.indexOf(first);
    return fanOut({
      ids: ['a', 'b', 'c', 'd'],
      async work({ id, ask }) {
        await ask('model');
        order.push(id);
        return id;
      },
      after: () => (isSwapped('a', 'b') && isSwapped('c', 'd') ? 'both swapped' : 'fine'),
    });
  },
};
