import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'of 200 tasks two share a variable',
  rung: 'pairs',
  depth: 1,
  variable: 'last',
  make() {
    let last = 'nobody';
    return fanOut({
      ids: Array.from({ length: 200 }, (_, number) => `task ${number}`),
      async work({ id, ask }) {
        await ask('model');
        if (id !== 'task 70' && id !== 'task 130') return id;
        const before = last;
        last = id;
        return `${id} after ${before}`;
      },
    });
  },
};
