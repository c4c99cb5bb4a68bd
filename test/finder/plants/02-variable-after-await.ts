import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a variable of the module is set after an await, and read after the next one',
  rung: 'pairs',
  depth: 1,
  variable: 'last',
  make() {
    let last = '';
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('search');
        last = id;
        await ask('model');
        return `${id} after ${last}`;
      },
    });
  },
};
