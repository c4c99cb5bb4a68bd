import { append, fields, graph, input } from '../../../src/index.ts';
import type { Explained } from '../explained-plant.ts';

const rounds = 3;

export const plant: Explained = {
  title: 'a fixture that accidents of order made in three steps',
  depth: 6,
  variable: 'last',
  make(asked) {
    let last = '';
    return graph('accidents', {
      state: fields({ found: append<string>() }),
      inputs: { work: input<{ id: string; round: number }>(), plan: input<number>() },
    })
      .node('begin', (_state, { send }) => ({ route: [send('plan', 1)] }))
      .node('plan', (_state, { input: round, send }) => ({
        route: ['a', 'b', 'c'].map((id) => send('work', { id, round })),
      }))
      .node('work', async (_state, { input: { id, round }, effect, send, stop }) => {
        await effect('search', { id, round }, () => asked(id));
        const before = last;
        last = `${id}${round}`;
        await effect('model', { id, before }, () => asked(`${id}${round}`));
        return {
          delta: { found: [`${id} after ${before}, then ${last}`] },
          route: id === 'a' && round < rounds ? [send('plan', round + 1)] : stop(),
        };
      })
      .start('begin')
      .build();
  },
};
