import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a memo of a pure value',
  make() {
    const lengths = new Map<string, number>();
    return fanOut({
      ids: ['a', 'bb', 'a', 'ccc'],
      async work({ id, ask }) {
        const length = lengths.get(id) ?? id.length;
        lengths.set(id, length);
        return `${await ask('model')} ${length}`;
      },
    });
  },
};
