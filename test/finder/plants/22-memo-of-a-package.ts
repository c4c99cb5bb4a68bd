import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

/** As a package makes it: what it knows stands in a closure. */
function memoized(ask: (id: string) => Promise<string>): (id: string) => Promise<string> {
  let known: Promise<string> | undefined;
  return (id) => {
    known ??= ask(id);
    return known;
  };
}

export const plant: Plant = {
  title: 'a memo in a closure, by no key, holds the answer of the first',
  rung: 'pairs',
  depth: 1,
  variable: 'known',
  make() {
    const first = memoized(async (id) => `page of ${id}`);
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, ask }) {
        await ask('model');
        return first(id);
      },
    });
  },
};
