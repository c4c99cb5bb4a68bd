import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of the last summary: a later step makes one of all that was found',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c'],
      work: ({ ask }) => ask('model'),
      after: ({ effect }, found) => effect('publish', { found }, async () => `so far: ${found.join(' ')}`),
    }),
};
