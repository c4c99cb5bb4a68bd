import { append, fields, graph, input } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'generators share a counter, and ask for nothing',
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
      .node('write', async function* (_state, { input: { id } }) {
        for (let line = 0; line < 2; line += 1) {
          count += 1;
          yield { found: [`${id} ${count}`] };
        }
      })
      .start('plan')
      .build();
  },
};
