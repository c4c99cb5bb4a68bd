import { setTimeout as wait } from 'node:timers/promises';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

const lateMs = [60, 1, 30];

export const plant: Plant = {
  title: 'a batch that nobody catches was recorded in another order than it is explored in',
  rung: 'pairs',
  depth: 1,
  kind: 'difference',
  variable: 'waiting',
  make() {
    let waiting: { readonly id: string; readonly give: (text: string) => void }[] = [];
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, effect }) {
        await effect('look', id, () => wait(lateMs['abc'.indexOf(id)], id));
        return new Promise<string>((resolve) => {
          waiting.push({ id, give: resolve });
          if (waiting.length < 3) return;
          queueMicrotask(async () => {
            const batch = waiting;
            waiting = [];
            const keys = batch.map((one) => one.id);
            await effect('batch', keys, async () => 'loaded');
            for (const one of batch) one.give(`loaded ${one.id}`);
          });
        });
      },
    });
  },
};
