import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a retry that appends twice: each attempt begins a history of its own',
  make: () =>
    fanOut({
      ids: ['a', 'b'],
      options: { retry: { attempts: 2 } },
      async work({ id, attempt, ask }) {
        const history = [`question of ${id}`];
        history.push(await ask('model'));
        if (id === 'a' && attempt === 1) throw new Error('the answer is too short');
        return history.join(', ');
      },
    }),
};
