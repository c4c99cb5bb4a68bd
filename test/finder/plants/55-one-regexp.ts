import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a global RegExp remembers where another task stopped',
  rung: 'pairs',
  depth: 1,
  variable: 'word',
  make() {
    const word = /\w+/g;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask }) {
        const text = id === 'a' ? 'alpha beta gamma' : 'one two three four';
        const first = word.exec(text)?.[0];
        await ask('model');
        return `${first} ${word.exec(text)?.[0]}`;
      },
    });
  },
};
