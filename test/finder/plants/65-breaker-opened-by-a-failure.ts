import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'after a failure, a task that has not asked yet asks no more',
  rung: 'combined',
  depth: 2,
  make() {
    let isOpen = true;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        if (!isOpen) return `${id} was not asked`;
        return ask('model').catch(() => {
          isOpen = false;
          return `${id} failed`;
        });
      },
    });
  },
};
