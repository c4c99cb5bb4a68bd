import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

class Numbers {
  #next = 0;
  take(): number {
    this.#next += 1;
    return this.#next;
  }
}

export const plant: Plant = {
  title: 'a private field of a shared object counts answers',
  rung: 'pairs',
  depth: 1,
  variable: 'numbers',
  make() {
    const numbers = new Numbers();
    return fanOut({
      ids: ['a', 'b', 'c'],
      work: async ({ ask }) => `${await ask('model')} is number ${numbers.take()}`,
    });
  },
};
