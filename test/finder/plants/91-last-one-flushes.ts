import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the task that comes last stores what all have found, in a stable order',
  rung: 'pairs',
  depth: 1,
  variable: 'left',
  make() {
    const found: string[] = [];
    let left = 3;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask, effect }) {
        found.push(await ask('model'));
        left -= 1;
        return left > 0 ? 'found' : await effect('store', { found: found.toSorted() }, async () => `stored by ${id}`);
      },
    });
  },
};
