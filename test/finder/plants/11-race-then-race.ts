import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'two races one after another in one attempt, both lost by the favourite',
  rung: 'all orders',
  depth: 2,
  make: () =>
    oneNode(async ({ ask }) => {
      const first = await Promise.race([ask('a'), ask('b')]);
      const second = await Promise.race([ask('c'), ask('d')]);
      return first.startsWith('b') && second.startsWith('d') ? 'both lost' : 'fine';
    }),
};
