import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a memo in a WeakMap holds the answer of the first',
  rung: 'pairs',
  depth: 1,
  variable: 'memo',
  make() {
    const memo = new WeakMap<object, string>();
    const key = {};
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ ask }) {
        const answer = await ask('model');
        const known = memo.get(key) ?? answer;
        memo.set(key, known);
        return known;
      },
    });
  },
};
