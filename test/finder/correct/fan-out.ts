import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a fan-out whose findings are appended in the order of its tasks',
  make: () => fanOut({ ids: ['a', 'b', 'c', 'd', 'e'], work: ({ ask }) => ask('model') }),
};
