import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a model that is asked again twice, then answered for by a constant',
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      async work({ id, effect }) {
        const retry = { attempts: 3, delayMs: 100 };
        const text = await effect('model', { id }, async () => `${id} is fine`, { retry }).catch(() => '');
        return text.startsWith(id) ? text : `${id} is not known`;
      },
    }),
};
