import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the default headers of a client are those of the task that set them last',
  rung: 'pairs',
  depth: 1,
  variable: 'client',
  make() {
    const client = { headers: new Headers() };
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask, effect }) {
        client.headers.set('x-user', id);
        await ask('prepare');
        return effect('get', { id, user: client.headers.get('x-user') }, () => 'page');
      },
    });
  },
};
