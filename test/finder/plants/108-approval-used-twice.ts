import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one approval is read by two tasks before the first of them resets it',
  rung: 'pairs',
  depth: 1,
  variable: 'isApproved',
  make() {
    let isApproved = true;
    return fanOut({
      ids: ['refund', 'delete'],
      async work({ id, ask }) {
        if (!isApproved) return `${id} waits for an approval`;
        await ask('do it');
        isApproved = false;
        return `${id} is done`;
      },
    });
  },
};
