import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'only a request of a later step tells the order',
  rung: 'pairs',
  depth: 1,
  variable: 'order',
  make() {
    const order: string[] = [];
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('model');
        order.push(id);
        return id;
      },
      after: ({ effect }) => effect('summarise', { order: order.join() }, async () => 'a summary'),
    });
  },
};
