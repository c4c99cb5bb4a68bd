// Restate (restatedev/sdk-python#219): the entries of a journal are matched by position, in the order of completion.
import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'entries are matched by position, in the order of completion',
  rung: 'all orders',
  depth: 1,
  make: () =>
    oneNode(async ({ ask }) => {
      const journal: string[] = [];
      const branch = async (name: string): Promise<void> => {
        await ask(name);
        journal.push(await ask(`${name} at ${journal.length}`));
      };
      await Promise.all([branch('left'), branch('right')]);
      return journal.join();
    }),
};
