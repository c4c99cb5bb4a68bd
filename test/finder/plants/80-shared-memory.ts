import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a counter in shared memory',
  rung: 'pairs',
  depth: 1,
  variable: 'cells',
  make() {
    const cells = new Int32Array(new SharedArrayBuffer(8));
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        return `${id} ${Atomics.add(cells, 0, 1)}`;
      },
    });
  },
};
