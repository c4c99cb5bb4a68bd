import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'tasks take items from one queue, and keep what they have done',
  rung: 'pairs',
  depth: 1,
  variable: 'queue',
  make() {
    const queue = ['one', 'two', 'three', 'four'];
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, effect }) {
        const done: string[] = [];
        for (let item = queue.shift(); item !== undefined; item = queue.shift())
          done.push(await effect('do', { id }, async () => 'done'), item);
        return done.join();
      },
    });
  },
};
