import { fanOut } from '../fan-out.ts';
import { listeningAt } from '../loopback.ts';
import type { Plant } from '../plant.ts';

const url = await listeningAt((request, response) => {
  response.setHeader('set-cookie', `session=${request.url?.split('/')[2]?.slice(0, 1)}`).end('a page');
});

export const plant: Plant = {
  title: 'one jar holds the cookies of all tasks',
  rung: 'pairs',
  depth: 1,
  variable: 'cookie',
  make() {
    let cookie = 'none';
    const ask = async (path: string): Promise<string> => {
      const response = await fetch(`${url}/${path}?${cookie}`);
      cookie = response.headers.get('set-cookie') ?? cookie;
      return response.text();
    };
    return fanOut({
      ids: ['a', 'b'],
      async work({ id }) {
        await ask(`login/${id}`);
        return ask(`page/${id}`);
      },
    });
  },
};
