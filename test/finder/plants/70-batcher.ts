import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a batch holds its items as they came',
  rung: 'pairs',
  depth: 1,
  variable: 'waiting',
  make() {
    let waiting: { readonly id: string; readonly give: (answer: string) => void }[] = [];
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask, effect }) {
        await ask('model');
        return new Promise<string>((resolve) => {
          waiting.push({ id, give: (answer) => resolve(`${answer} for ${id}`) });
          if (waiting.length < 3) return;
          const batch = waiting;
          waiting = [];
          void effect(
            'embed',
            batch.map((one) => one.id),
            async () => 'embedded',
          ).then((answer) => {
            for (const { give } of batch) give(answer);
          });
        });
      },
    });
  },
};
