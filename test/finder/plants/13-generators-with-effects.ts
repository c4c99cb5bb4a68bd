import { append, fields, graph, input } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'generators share a counter, between effects',
  rung: 'pairs',
  depth: 1,
  variable: 'count',
  make() {
    let count = 0;
    return graph('generators', {
      state: fields({ found: append<string>() }),
      inputs: { write: input<{ id: string }>() },
    })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b'].map((id) => send('write', { id })) }))
      .node('write', async function* (_state, { input: { id }, effect }) {
        for (let line = 0; line < 2; line += 1) {
          const answer = await effect('model', { id, line }, async () => `line ${line} of ${id}`);
          count += 1;
          yield { found: [`${answer}: ${count}`] };
        }
      })
      .start('plan')
      .build();
  },
};
