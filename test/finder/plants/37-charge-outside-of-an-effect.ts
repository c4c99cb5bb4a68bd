import { oneNode } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

/** It outlives the process, and no journal knows of it. */
const bank = { charges: 0 };

export const plant: Plant = {
  title: 'a charge outside of an effect',
  rung: 'crashes',
  depth: 1,
  outside: () => {
    bank.charges = 0;
    return {};
  },
  invariant: () => bank.charges === 1,
  make: () =>
    oneNode(async ({ ask }) => {
      await ask('price');
      bank.charges += 1;
      return await ask('receipt');
    }),
};
