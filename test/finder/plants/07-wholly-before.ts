import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one task has to run wholly before another one begins, with 12 effects each',
  rung: 'pairs',
  depth: 1,
  variable: 'isDone',
  make() {
    let isDone = false;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const isLate = id === 'b' && isDone;
        for (let number = 0; number < 12; number += 1) await ask(`part ${number}`);
        if (id === 'a') isDone = true;
        return isLate ? 'b began after a had ended' : id;
      },
    });
  },
};
