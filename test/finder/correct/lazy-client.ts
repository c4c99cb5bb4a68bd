import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

class Client {
  readonly base = 'https://example.org';
}

export const correct: Correct = {
  title: 'a client that the first task makes and all share',
  make() {
    let client: Client | undefined;
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id, effect }) {
        client ??= new Client();
        return effect('get', { url: `${client.base}/${id}` }, async ({ url }) => `page ${url}`);
      },
    });
  },
};
