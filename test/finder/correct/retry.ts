import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'tasks that are retried',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c'],
      options: { retry: { attempts: 3, delayMs: 20 } },
      async work({ id, attempt, ask }) {
        const answer = await ask(`model ${attempt}`);
        if (attempt < 3 && id !== 'c') throw new Error(`busy ${attempt}`);
        return answer;
      },
    }),
};
