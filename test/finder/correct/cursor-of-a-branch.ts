import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a shared cursor: each branch pages through its own half',
  make: () =>
    fanOut({
      ids: ['0', '2'],
      async work({ id, effect }) {
        const pages: string[] = [];
        for (let cursor = Number(id); cursor < Number(id) + 2; cursor += 1)
          pages.push(await effect('page', { cursor }, async () => `page ${cursor}`));
        return pages.join();
      },
    }),
};
