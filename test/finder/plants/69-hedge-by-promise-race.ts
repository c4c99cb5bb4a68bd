import { fields, graph, last } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a hedged request by `Promise.race`, whose winner nobody records (its twin by `context.race` is correct)',
  rung: 'all orders',
  depth: 1,
  make: () =>
    graph('hedged', { state: fields({ answer: last('') }) })
      .node('ask', async (_state, { effect }) => {
        const ask = (model: string) => effect('model', model, async () => `answer of ${model}`);
        return { delta: { answer: await Promise.race([ask('large'), ask('small')]) } };
      })
      .start('ask')
      .build(),
};
