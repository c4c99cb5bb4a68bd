import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'only an event tells the order',
  rung: 'pairs',
  depth: 1,
  variable: 'count',
  make() {
    let count = 0;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask, emit }) {
        await ask('model');
        count += 1;
        emit('progress', `${count} of 3`);
        return id;
      },
    });
  },
};
