import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one sleep of 10 ms ties with two of 5 ms',
  rung: 'pairs',
  depth: 1,
  variable: 'woken',
  make() {
    let woken = '';
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, sleep }) {
        for (const ms of id === 'a' ? [10] : [5, 5]) await sleep(ms);
        woken += id;
        await sleep(50);
        return woken;
      },
    });
  },
};
