import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

let made = 0;

export const plant: Plant = {
  title: 'an id from outside of all that is recorded stands in an output',
  rung: 'self-check',
  depth: 0,
  make() {
    made += 1;
    const id = `graph ${made}`;
    return fanOut({ ids: ['a', 'b'], work: async ({ ask }) => `${await ask('model')} for ${id}` });
  },
};
