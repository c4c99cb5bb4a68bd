import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a cache of two drops the oldest of three',
  rung: 'pairs',
  depth: 1,
  variable: 'pages',
  make() {
    const pages = new Map<string, string>();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        pages.set(id, await ask('page'));
        const [oldest = ''] = pages.keys();
        if (pages.size > 2) pages.delete(oldest);
        return id;
      },
      async after({ ask }, found) {
        const missing = found.filter((id) => !pages.has(id));
        return await ask(`again ${missing.join()}`);
      },
    });
  },
};
