import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the first who needs a token asks for it, for all others',
  rung: 'pairs',
  depth: 1,
  variable: 'token',
  make() {
    let token: Promise<string> | undefined;
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask, effect }) {
        await ask('before');
        token ??= effect('token', id, async () => {
          if (id === 'b') throw new Error('busy');
          return `token of ${id}`;
        }).catch(() => 'no token');
        return `${id}: ${await token}`;
      },
    });
  },
};
