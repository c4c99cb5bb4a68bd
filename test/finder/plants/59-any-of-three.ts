import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'two of three answers are enough',
  rung: 'all orders',
  depth: 1,
  make: () =>
    oneNode(async ({ ask }) => {
      const quorum: string[] = [];
      await new Promise<void>((resolve) => {
        for (const name of ['x', 'y', 'z'])
          void ask(name).then((answer) => {
            quorum.push(answer);
            if (quorum.length === 2) resolve();
          });
      });
      return quorum.toSorted().join();
    }),
};
