import { fields, graph, sum } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

/** A clock that has moved on by each run: a real one could read the same twice. */
let minute = 0;

export const plant: Plant = {
  title: 'a predicate of an edge that reads the clock',
  rung: 'self-check',
  depth: 0,
  outside: () => ({ effects: { poll: () => 1 } }),
  make() {
    minute += 1;
    return graph('clocked', { state: fields({ rounds: sum() }) })
      .node('wait', async (_state, { effect }) => ({ delta: { rounds: await effect('poll', {}, async () => 1) } }))
      .edge('wait', 'wait', { when: ({ rounds }) => rounds <= minute % 7 })
      .start('wait')
      .build();
  },
};
