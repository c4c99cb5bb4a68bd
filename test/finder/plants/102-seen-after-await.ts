import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a page is noted as seen once it has been read, and two tasks may read it until then',
  rung: 'pairs',
  depth: 1,
  variable: 'seen',
  make() {
    const seen = new Set<string>();
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, effect }) {
        const page = 'the same page';
        if (seen.has(page)) return `${id} found nothing new`;
        const text = await effect('read', { id, page }, async () => `what ${id} read`);
        seen.add(page);
        return text;
      },
    });
  },
};
