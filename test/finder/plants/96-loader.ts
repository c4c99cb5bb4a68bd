import { setTimeout as wait } from 'node:timers/promises';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

const lateMs = [30, 1, 12];

export const plant: Plant = {
  title: 'a loader asks for its keys as they came, and was recorded in another order than it is explored in',
  rung: 'pairs',
  depth: 1,
  variable: 'waiting',
  make() {
    let waiting: { readonly id: string; readonly give: (answer: Promise<string>) => void }[] = [];
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, effect }) {
        await effect('look', id, () => wait(lateMs['abc'.indexOf(id)], id));
        return new Promise<string>((resolve) => {
          waiting.push({ id, give: resolve });
          if (waiting.length > 1) return;
          setTimeout(() => {
            const batch = waiting;
            waiting = [];
            const keys = batch.map((one) => one.id);
            const answer = effect('batch', keys, async () => 'loaded');
            for (const one of batch) one.give(answer);
          }, 5);
        });
      },
    });
  },
};
