import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'of the six orders of three tasks one is wrong',
  rung: 'triples',
  depth: 2,
  variable: 'order',
  make() {
    const order: string[] = [];
    return fanOut({
      ids: ['a', 'b', 'c', 'd', 'e'],
      async work({ id, ask }) {
        await ask('model');
        order.push(id);
        return id;
      },
      after: () => (/b.*d.*a/.test(order.join('')) ? 'b, then d, then a' : 'fine'),
    });
  },
};
