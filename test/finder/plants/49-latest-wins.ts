import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'who started last wins, by the identity of a token',
  rung: 'pairs',
  depth: 1,
  variable: 'latest',
  make() {
    let latest = {};
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        const own = {};
        latest = own;
        await ask('model');
        return latest === own ? id : `${id} is stale`;
      },
    });
  },
};
