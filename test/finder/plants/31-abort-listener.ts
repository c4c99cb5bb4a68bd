import { failure, append, fields, graph, input } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'a listener of the abort signal writes to a variable, which a task that goes first reads',
  rung: 'search',
  depth: 1,
  // A recording of a failed step holds nothing of the tasks of higher rank.
  outside: () => ({}),
  make() {
    const stopped: string[] = [];
    const child = graph('child', {
      state: fields({ found: append<string>() }),
      inputs: { work: input<{ id: string }>() },
    })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b'].map((id) => send('work', { id })) }))
      .node('work', async (_state, { input: { id }, effect, signal }) => {
        signal.addEventListener('abort', () => stopped.push(id));
        await effect('model', { id }, async () => id);
        if (id === 'a') throw new Error('refused');
        await effect('model', { id, again: true }, async () => id);
        return {};
      })
      .start('plan')
      .build();
    return graph('parent', {
      state: fields({ found: append<string>() }),
      inputs: { team: input<{ id: string }>(), rescue: failure() },
    })
      .node('plan', (_state, { send }) => ({ route: [send('team', { id: 'a' })] }))
      .subgraph(
        'team',
        child as never,
        {
          input: () => ({}) as never,
          output: () => ({}) as never,
        },
        { onError: 'rescue' },
      )
      .node('rescue', () => ({ delta: { found: [`stopped: ${stopped.join()}`] } }))
      .start('plan')
      .build();
  },
};
