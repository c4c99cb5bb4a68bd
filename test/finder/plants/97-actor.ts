import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

/** Its mailbox is empty whenever the code rests, and what it counts stands in a local variable. */
class Breaker {
  #mail: string[] = [];
  #wake = (): void => undefined;
  isOpen = false;

  constructor() {
    void this.#run();
  }

  tell(word: string): void {
    this.#mail.push(word);
    this.#wake();
  }

  async #run(): Promise<void> {
    let failures = 0;
    for (;;) {
      const word = this.#mail.shift();
      if (word === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      failures = word === 'b' ? 0 : failures + 1;
      if (failures === 2) this.isOpen = true;
    }
  }
}

export const plant: Plant = {
  title: 'an actor counts in a local variable of its loop',
  rung: 'all orders',
  depth: 1,
  make() {
    const breaker = new Breaker();
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('model');
        breaker.tell(id);
        return id;
      },
      after: () => (breaker.isOpen ? 'open' : 'closed'),
    });
  },
};
