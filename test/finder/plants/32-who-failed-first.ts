import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the text of an error names the task that failed first',
  rung: 'pairs',
  depth: 1,
  variable: 'first',
  // A recording of a failed step holds nothing of the tasks of higher rank.
  outside: () => ({}),
  make() {
    let first: string | undefined;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('model');
        first ??= id;
        throw new Error(`${first} failed first`);
      },
    });
  },
};
