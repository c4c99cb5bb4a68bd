import { setImmediate as turn } from 'node:timers/promises';
import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'code that gives the event loop its turn between answers',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c'],
      async work({ ask }) {
        const [answer] = await Promise.all([ask('model'), turn(), turn()]);
        await turn();
        return `${answer}, then ${await ask('check')}`;
      },
    }),
};
