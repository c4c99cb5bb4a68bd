import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one error object is thrown by all, and collects who met it',
  rung: 'pairs',
  depth: 1,
  variable: 'limit',
  make() {
    const limit = Object.assign(new Error('limit'), { hit: [] as string[] });
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        limit.hit.push(id);
        return `${limit.message} of ${limit.hit.join()}`;
      },
    });
  },
};
