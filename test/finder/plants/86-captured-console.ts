import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'tasks that capture the console take it from each other',
  rung: 'pairs',
  depth: 1,
  variable: 'console.info',
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const lines: string[] = [];
        const before = console.info;
        console.info = (line) => void lines.push(line as string);
        await ask('model');
        console.info(`found ${id}`);
        await ask('store');
        console.info = before;
        return lines.join();
      },
    }),
};
