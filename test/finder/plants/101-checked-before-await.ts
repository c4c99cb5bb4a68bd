import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a budget is checked before the model is asked, and spent after it has answered',
  rung: 'pairs',
  depth: 1,
  variable: 'spent',
  make() {
    let spent = 0;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        if (spent + 10 > 20) return `${id} was refused`;
        await ask('model');
        spent += 10;
        return `${id} was paid`;
      },
    });
  },
};
