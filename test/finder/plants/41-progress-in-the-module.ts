import { fields, graph, last } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'progress that is kept in the module',
  rung: 'crashes',
  depth: 1,
  variable: 'done',
  make() {
    let done = 0;
    return graph('progress', { state: fields({ total: last<number>(0) }) })
      .node('first', async (_state, { effect }) => {
        done = await effect('read', {}, async () => 2);
      })
      .node('second', async (_state, { effect }) => {
        const more = await effect('read', {}, async () => 3);
        return { delta: { total: done + more } };
      })
      .edge('first', 'second')
      .start('first')
      .build();
  },
};
