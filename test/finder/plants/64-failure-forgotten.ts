import { append, fields, graph } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'that a tool failed is kept in a variable, which a crash forgets',
  rung: 'combined',
  depth: 2,
  make() {
    let hasFailed = false;
    return graph('tool', { state: fields({ lines: append<string>() }) })
      .node('search', async (_state, { effect }) => {
        await effect('search', {}, async () => 'found').catch(() => {
          hasFailed = true;
        });
      })
      .node('answer', () => ({ delta: { lines: [hasFailed ? 'nobody knows' : 'as the search says'] } }))
      .edge('search', 'answer')
      .start('search')
      .build();
  },
};
