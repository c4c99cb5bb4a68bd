import { task } from '../../../src/index.ts';
import { oneNode } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'named tasks beside each other in one node, which ask for the same',
  make: () =>
    oneNode(async ({ ask }) => {
      const branch = (name: string) => task(name, async () => `${await ask('search')}, ${await ask('model')}`);
      return (await Promise.all([branch('left'), branch('right'), branch('middle')])).join('; ');
    }),
};
