import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'tasks draw from one seeded generator',
  rung: 'pairs',
  depth: 1,
  variable: 'seed',
  make() {
    let seed = 42;
    const draw = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed;
    };
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        await ask('model');
        return `${id} ${draw() % 100}`;
      },
    });
  },
};
