import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a budget that is checked too early: each task has a share of its own',
  make() {
    const shares = new Map([
      ['a', 10],
      ['b', 10],
      ['c', 0],
    ]);
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        if ((shares.get(id) ?? 0) < 10) return `${id} was refused`;
        await ask('model');
        return `${id} was paid`;
      },
      after: (_task, found) => `${found.filter((said) => said.endsWith('paid')).length * 10} spent`,
    });
  },
};
