import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a variable of the environment is set by one task and read by another',
  rung: 'pairs',
  depth: 1,
  variable: 'PLANTED_REGION',
  make() {
    process.env.PLANTED_REGION = 'none';
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        const region = process.env.PLANTED_REGION;
        process.env.PLANTED_REGION = id;
        return `${id} in ${region}`;
      },
      after: () => {
        process.env.PLANTED_REGION = 'none';
        return 'end';
      },
    });
  },
};
