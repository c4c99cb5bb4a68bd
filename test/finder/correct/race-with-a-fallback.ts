import { fields, graph, last } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'three mirrors that race, one of them down',
  make: () =>
    graph('mirrors', { state: fields({ page: last(''), from: last('') }) })
      .node('load', async (_state, { race, effect }) => {
        const load = (mirror: string, delayMs: number) => async () =>
          effect('get', mirror, async () => {
            await new Promise((resolve) => setTimeout(resolve, delayMs));
            if (mirror === 'down') throw new Error('no such host');
            return `page of ${mirror}`;
          });
        const first = await race('mirror', { east: load('east', 8), west: load('west', 4), down: load('down', 0) });
        return { delta: { page: first.value, from: first.branch } };
      })
      .start('load')
      .build(),
};
