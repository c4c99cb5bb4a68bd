import { append, fields, graph, input } from '../../../src/index.ts';
import { fanOut } from '../fan-out.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'subgraphs beside each other, with steps of their own',
  make() {
    const inner = fanOut({ ids: ['x', 'y'], work: ({ ask }) => ask('model') });
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
