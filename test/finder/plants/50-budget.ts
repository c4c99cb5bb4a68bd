import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a budget of tokens is spent by who answers first',
  rung: 'pairs',
  depth: 1,
  variable: 'budget',
  make() {
    const budget = { left: 25 };
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        const answer = await ask('model');
        if (budget.left < 10) return `${id} is out of budget`;
        budget.left -= 10;
        return answer;
      },
    });
  },
};
