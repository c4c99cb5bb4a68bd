import { fields, graph, input, text } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'streams beside each other, each with a text of its own',
  make: () =>
    graph('streams', {
      state: fields({ left: text(), right: text() }),
      inputs: { write: input<{ to: 'left' | 'right' }>() },
    })
      .node('plan', (_state, { send }) => ({ route: [send('write', { to: 'left' }), send('write', { to: 'right' })] }))
      .node('write', async function* (_state, { input: { to }, effect }) {
        for (let line = 0; line < 3; line += 1) {
          const token = await effect('token', { to, line }, async () => `${to} ${line} `);
          yield to === 'left' ? { left: token } : { right: token };
        }
      })
      .start('plan')
      .build(),
};
