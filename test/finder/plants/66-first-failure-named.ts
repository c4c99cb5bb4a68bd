import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one task always fails; if a second one does, the first of them is named',
  rung: 'combined',
  depth: 2,
  crashes: false,
  make() {
    let blamed: string | undefined;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, effect }) {
        try {
          return await effect('model', { id }, async () => {
            if (id === 'a') throw new Error('never');
            return id;
          });
        } catch {
          blamed ??= id;
          return `${id} failed`;
        }
      },
      after: () => `because of ${blamed}`,
    });
  },
};
