import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a batch is asked for as its keys came, in a timer whose failure nobody hears of',
  rung: 'pairs',
  depth: 1,
  kind: 'difference',
  variable: 'waiting',
  make() {
    let waiting: { readonly id: string; readonly give: (text: string) => void }[] = [];
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask, effect }) {
        await ask('look');
        return new Promise<string>((resolve) => {
          waiting.push({ id, give: resolve });
          if (waiting.length > 1) return;
          setTimeout(async () => {
            const batch = waiting;
            waiting = [];
            const keys = batch.map((one) => one.id);
            await effect('batch', keys, async () => 'loaded');
            for (const one of batch) one.give(`loaded ${one.id}`);
          }, 5);
        });
      },
    });
  },
};
