import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a run that fails with the failure of the lowest task, in whatever order they fail',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c', 'd'],
      async work({ id, ask }) {
        await ask('first');
        if (id === 'b' || id === 'c') throw new Error(`${id} failed`);
        return ask('second');
      },
    }),
};
