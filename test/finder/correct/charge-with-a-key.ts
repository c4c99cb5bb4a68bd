import { randomUUID } from 'node:crypto';
import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a charge with a key, and an id that the node draws',
  make: () =>
    oneNode(async ({ ask, effect }) => {
      const first = randomUUID();
      await ask('price');
      const second = randomUUID();
      await effect('charge', { first, second }, async (_request, { idempotencyKey }) => idempotencyKey.length);
      return await ask('receipt');
    }),
};
