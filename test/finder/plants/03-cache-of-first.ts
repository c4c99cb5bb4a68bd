import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a cache is filled by the task that starts first',
  rung: 'pairs',
  depth: 1,
  variable: 'owner',
  make() {
    let owner: string | undefined;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        owner ??= id;
        await ask('model');
        return `${id} uses the cache of ${owner}`;
      },
    });
  },
};
