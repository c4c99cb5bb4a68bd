import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a promise that nobody awaits writes what the next step reads',
  rung: 'pairs',
  depth: 1,
  variable: 'written',
  make() {
    let written = 0;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const before = written;
        void ask('in the background').then(() => {
          written += 1;
        });
        await ask('model');
        return `${id} saw ${written - before}`;
      },
      after: () => `${written} written`,
    });
  },
};
