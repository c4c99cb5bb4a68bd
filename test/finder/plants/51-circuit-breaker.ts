import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

class Breaker {
  #failures = 0;
  note(): void {
    this.#failures += 1;
  }
  get isOpen(): boolean {
    return this.#failures >= 2;
  }
}

export const plant: Plant = {
  title: 'a circuit breaker opens after two failures of other tasks',
  rung: 'pairs',
  depth: 2,
  variable: 'breaker',
  make() {
    const breaker = new Breaker();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('model');
        if (breaker.isOpen) return `${id} was not tried`;
        if (id !== 'c') breaker.note();
        return id;
      },
    });
  },
};
