import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'an effect that is tried again inside its node, beside others',
  make() {
    const tries = new Map<string, number>();
    return fanOut({
      ids: ['a', 'b'],
      work: ({ id, effect }) =>
        effect(
          'flaky',
          id,
          async () => {
            const number = (tries.get(id) ?? 0) + 1;
            tries.set(id, number);
            if (number === 1) throw new Error('busy');
            return `answer ${id}`;
          },
          { retry: { attempts: 3, delayMs: 2 } },
        ),
    });
  },
};
