import { append, failure, fields, graph, input } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'failures that a node of the graph handles',
  make: () =>
    graph('handled', {
      state: fields({ found: append<string>() }),
      inputs: { work: input<{ id: string }>(), rescue: failure() },
    })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('work', { id })) }))
      .node(
        'work',
        async (_state, { input: { id }, effect }) => {
          const answer = await effect('model', { id }, async () => `answer ${id}`);
          if (id === 'b') throw new Error('refused');
          return { delta: { found: [answer] } };
        },
        { onError: 'rescue' },
      )
      .node('rescue', (_state, { input: { node } }) => ({ delta: { found: [`rescued ${node}`] } }))
      .start('plan')
      .build(),
};
