import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'tasks try again until nobody else has written meanwhile, and say how often they tried',
  rung: 'pairs',
  depth: 1,
  variable: 'version',
  make() {
    let version = 0;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ ask }) {
        for (let tries = 1; ; tries += 1) {
          const seen = version;
          await ask(`try ${tries}`);
          if (seen !== version) continue;
          version += 1;
          return String(tries);
        }
      },
    });
  },
};
