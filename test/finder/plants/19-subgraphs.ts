import { append, fields, graph, input } from '../../../src/index.ts';
import { fanOut } from '../fan-out.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'subgraphs beside each other share a variable',
  rung: 'pairs',
  depth: 1,
  variable: 'count',
  make() {
    let count = 0;
    const inner = fanOut({
      ids: ['x', 'y'],
      async work({ ask }) {
        await ask('model');
        count += 1;
        return 'done';
      },
      after: () => `${count}`,
    });
    return graph('outer', { state: fields({ found: append<string>() }), inputs: { team: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => ({ route: [send('team', { id: 'a' }), send('team', { id: 'b' })] }))
      .subgraph('team', inner as never, {
        input: () => ({}) as never,
        output: (state: { found: readonly string[] }) => ({ found: state.found }) as never,
      })
      .start('plan')
      .build();
  },
};
