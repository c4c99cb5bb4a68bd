import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'one task sets a new price, and others take it from a cache',
  rung: 'pairs',
  depth: 1,
  variable: 'prices',
  make() {
    const prices = new Map([['lamp', 'the old price']]);
    return fanOut({
      ids: ['refresh', 'quote', 'invoice'],
      async work({ id, ask }) {
        const answer = await ask('shop');
        if (id === 'refresh') prices.set('lamp', answer);
        return `${id}: ${prices.get('lamp')}`;
      },
    });
  },
};
