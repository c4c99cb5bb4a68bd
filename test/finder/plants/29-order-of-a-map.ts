import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the order of a Map is that of arrivals',
  rung: 'all orders',
  depth: 1,
  make: () =>
    oneNode(async ({ ask }) => {
      const answers = new Map<string, string>();
      await Promise.all(['x', 'y'].map(async (name) => answers.set(name, await ask(name))));
      return [...answers.keys()].join();
    }),
};
