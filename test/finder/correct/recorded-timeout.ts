import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'an attempt that timed out after an answer, and its retry',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c'],
      options: { retry: { attempts: 2, delayMs: 5 }, timeoutMs: 60 },
      async work({ id, attempt, ask, effect }) {
        await ask('first');
        if (id === 'b' && attempt === 1) await effect('slow', id, () => new Promise<string>(() => undefined));
        return `${await ask('second')}, attempt ${attempt}`;
      },
    }),
};
