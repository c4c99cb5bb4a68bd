import { append, fields, graph, input } from '../../../src/index.ts';
import type { Explained } from '../explained-plant.ts';

export const plant: Explained = {
  title: 'a fixture that an accident of order made',
  depth: 2,
  variable: 'seen',
  make(asked) {
    const seen: string[] = [];
    return graph('accident', { state: fields({ found: append<string>() }), inputs: { work: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('work', { id })) }))
      .node('work', async (_state, { input: { id }, effect }) => {
        await effect('search', { id }, () => asked(id));
        seen.push(id);
        return { delta: { found: [await effect('model', { id, seen: [...seen] }, () => 'text')] } };
      })
      .start('plan')
      .build();
  },
};
