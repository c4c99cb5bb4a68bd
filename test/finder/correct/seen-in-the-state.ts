import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a set that is written too late: every task reads, and the next step drops what it has twice',
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      work: ({ id, effect }) => effect('read', { id }, async () => 'the same page'),
      after: (_task, found) => [...new Set(found)].join(),
    }),
};
