import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'tasks share a variable of a module that they import while they run, where no watch sees it',
  rung: 'pairs',
  depth: 1,
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const { board } = await import('../late-board.ts');
        board.last = id;
        await ask('model');
        return board.last;
      },
    }),
};
