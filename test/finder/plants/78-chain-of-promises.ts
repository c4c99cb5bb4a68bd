import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a conversation goes through a chain of promises',
  rung: 'pairs',
  depth: 1,
  variable: 'said',
  make() {
    let said: Promise<string> = Promise.resolve('nothing');
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask, effect }) {
        await ask('before');
        said = said.then((before) => effect('chat', { id, before }, async () => `${id} after ${before}`));
        return said;
      },
    });
  },
};
