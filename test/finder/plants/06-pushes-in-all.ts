import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'answers are pushed to a list as they come, inside Promise.all',
  rung: 'all orders',
  depth: 1,
  make: () =>
    oneNode(async ({ ask }) => {
      const answers: string[] = [];
      await Promise.all(['x', 'y', 'z'].map(async (name) => answers.push(await ask(name))));
      return answers.join();
    }),
};
