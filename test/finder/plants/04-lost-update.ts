import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a counter is read, then awaited, then written, and only a later step shows it',
  rung: 'pairs',
  depth: 1,
  variable: 'total',
  make() {
    let total = 0;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        const before = total;
        await ask('model');
        total = before + 1;
        return id;
      },
      after: () => `total ${total}`,
    });
  },
};
