import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'who sees a page first reports it',
  rung: 'pairs',
  depth: 1,
  variable: 'seen',
  make() {
    const seen = new Set<string>();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('search');
        if (seen.has('same page')) return `${id} found nothing new`;
        seen.add('same page');
        return `${id} reports`;
      },
    });
  },
};
