import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'each task writes the summary that it has made longer, from the one that it began with',
  rung: 'pairs',
  depth: 1,
  variable: 'summary',
  make() {
    let summary = 'so far:';
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        const before = summary;
        await ask('model');
        summary = `${before} ${id}`;
        return `${id} is done`;
      },
      after: ({ effect }) => effect('publish', { summary }, async () => summary),
    });
  },
};
