import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'answers that are awaited with an AbortSignal.timeout',
  make: () =>
    fanOut({
      ids: ['a', 'b', 'c'],
      async work({ ask }) {
        const limit = AbortSignal.timeout(30_000);
        const answer = await ask('model');
        limit.throwIfAborted();
        return `${answer}, then ${await ask('check')}`;
      },
    }),
};
