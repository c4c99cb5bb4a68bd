import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a limiter of width 2 decides who is third',
  rung: 'pairs',
  depth: 1,
  make() {
    const waiting: (() => void)[] = [];
    let running = 0;
    let count = 0;
    return fanOut({
      ids: ['a', 'b', 'c', 'd'],
      async work({ id, ask }) {
        if (running >= 2) await new Promise<void>((resolve) => waiting.push(resolve));
        running += 1;
        count += 1;
        const number = count;
        await ask('model');
        running -= 1;
        waiting.shift()?.();
        return `${id} was number ${number}`;
      },
    });
  },
};
