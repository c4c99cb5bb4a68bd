import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a charge that is sent again while its answer is late, as if it were another one',
  rung: 'faults',
  depth: 1,
  make: () =>
    oneNode(async ({ effect, sleep }) => {
      const charge = (): Promise<string> => effect('charge', { amount: 5 }, async () => 'charged');
      const first = charge();
      const answered = await Promise.race([first, sleep(100).then(() => undefined)]);
      return answered ?? (await Promise.any([first, charge()]));
    }),
};
