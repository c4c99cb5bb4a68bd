import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one task runs wholly inside one gap of another one',
  rung: 'triples',
  depth: 2,
  variable: 'phase',
  make() {
    let phase = 0;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        if (id === 'b') {
          const before = phase;
          await ask('model');
          return before === 2 && phase === 2 ? 'torn' : 'whole';
        }
        for (let number = 1; number <= 4; number += 1) {
          await ask(`write ${number}`);
          phase = number;
        }
        return 'written';
      },
    });
  },
};
