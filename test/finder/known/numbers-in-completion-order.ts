// Temporal (temporalio/sdk-python#1578): sequence numbers are handed out in the order of completion.
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'sequence numbers of the next calls are handed out as answers come',
  rung: 'pairs',
  depth: 1,
  variable: 'sequence',
  make() {
    const sequence = { next: 0 };
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask, effect }) {
        await ask('first');
        sequence.next += 1;
        return effect('second', { id, sequence: sequence.next }, ({ sequence: number }) => `number ${number}`);
      },
    });
  },
};
