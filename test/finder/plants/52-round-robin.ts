import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'an iterator hands out keys in turn',
  rung: 'pairs',
  depth: 1,
  make() {
    const keys = ['key 1', 'key 2', 'key 3'].values();
    return fanOut({
      ids: ['a', 'b', 'c'],
      work: ({ id, effect }) => effect('model', { id, key: keys.next().value }, () => 'answer'),
    });
  },
};
