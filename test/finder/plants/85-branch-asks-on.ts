import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a branch of Promise.all asks for more, unless another one has failed before',
  rung: 'all orders',
  depth: 1,
  make() {
    return oneNode(async ({ ask, effect }) => {
      const failing = effect('first', null, async () => {
        throw new Error('busy');
      });
      const asking = ask('second').then(() => ask('third'));
      return await Promise.all([failing, asking]).then(String, () => 'failed');
    });
  },
};
