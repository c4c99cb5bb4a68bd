import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

/** Another order asks for what was never recorded, and ends the run before the other task has begun. */
export const plant: Plant = {
  title: 'tasks set a header of the client that they share, and a request carries it',
  rung: 'pairs',
  depth: 1,
  variable: 'client',
  make() {
    const client = { headers: new Headers() };
    return fanOut({
      ids: ['a', 'b'],
      async work({ id, ask, effect }) {
        await ask('search');
        client.headers.set('x-task', id);
        await ask('read');
        return effect('model', { as: client.headers.get('x-task') }, () => 'answer');
      },
    });
  },
};
