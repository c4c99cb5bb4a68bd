import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

const globals = globalThis as { plantedLast?: string };

export const plant: Plant = {
  title: 'a property of globalThis names who was last',
  rung: 'pairs',
  depth: 1,
  variable: 'plantedLast',
  make() {
    globals.plantedLast = 'nobody';
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        const last = globals.plantedLast;
        globals.plantedLast = id;
        return `${id} after ${last}`;
      },
      after: () => {
        globals.plantedLast = 'nobody';
        return 'end';
      },
    });
  },
};
