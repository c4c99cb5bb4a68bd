import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a charge that nobody repeats unasked',
  make: () =>
    oneNode(async ({ ask, effect }) => {
      await ask('price');
      await effect('charge', {}, async () => 'charged', { once: true, onDoubt: 'fail' });
      return await ask('receipt');
    }),
};
