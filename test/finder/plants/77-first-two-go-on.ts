import { append, fields, graph, input } from '../../../src/index.ts';
import type { Plant } from '../plant.ts';

export const plant: Plant = {
  title: 'the first two of three tasks are followed up',
  rung: 'pairs',
  depth: 1,
  variable: 'passed',
  make() {
    let passed = 0;
    const inputs = { work: input<{ id: string }>(), deepen: input<{ id: string }>() };
    return graph('first-two', { state: fields({ found: append<string>() }), inputs })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('work', { id })) }))
      .node('work', async (_state, { input: { id }, effect, send, stop }) => {
        await effect('model', { id }, async () => 'an answer');
        passed += 1;
        return { delta: { found: [id] }, route: passed <= 2 ? [send('deepen', { id })] : stop() };
      })
      .node('deepen', (_state, { input: { id } }) => ({ delta: { found: [`deeper ${id}`] } }))
      .start('plan')
      .build();
  },
};
