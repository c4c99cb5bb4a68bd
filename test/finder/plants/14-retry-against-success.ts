import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a retry of one task against the success of another one',
  rung: 'pairs',
  depth: 1,
  variable: 'last',
  make() {
    let last = 'nobody';
    return fanOut({
      ids: ['a', 'b'],
      options: { retry: { attempts: 2, delayMs: 5 } },
      async work({ id, attempt, ask }) {
        const before = last;
        await ask('model');
        if (id === 'a' && attempt === 1) throw new Error('busy');
        last = id;
        return `${id} began after ${before}`;
      },
    });
  },
};
