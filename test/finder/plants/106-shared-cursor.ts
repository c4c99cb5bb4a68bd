import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'branches page through one list by the same cursor',
  rung: 'pairs',
  depth: 1,
  variable: 'cursor',
  make() {
    let cursor = 0;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const pages: number[] = [];
        for (let count = 0; count < 2; count += 1) {
          await ask(`page ${count}`);
          pages.push(cursor);
          cursor += 1;
        }
        return `${id} has pages ${pages.join()}`;
      },
    });
  },
};
