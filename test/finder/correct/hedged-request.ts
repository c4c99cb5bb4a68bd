import { append, fields, graph, input } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'a hedged request: the backup asks when the first is late, and `context.race` records who won',
  make: () =>
    graph('hedged', { state: fields({ found: append<string>() }), inputs: { work: input<{ id: string }>() } })
      .node('plan', (_state, { send }) => ({ route: ['a', 'b', 'c'].map((id) => send('work', { id })) }))
      .node('work', async (_state, { input: { id }, race, effect, sleep, emit }) => {
        const tried: string[] = [];
        const ask = async (model: string, delayMs: number): Promise<string> => {
          tried.push(model);
          const late = new Promise<void>((resolve) => setTimeout(resolve, delayMs));
          return effect('model', { id, model }, async () => {
            await late;
            return `${model} answers ${id}`;
          });
        };
        const { branch, value } = await race('answer', {
          primary: async () => ask('large', id === 'b' ? 40 : 1),
          backup: async () => {
            await sleep(10);
            emit('hedged', { id });
            return ask('small', 1);
          },
        });
        return { delta: { found: [`${branch}: ${value}, after ${tried.join(' and ')}`] } };
      })
      .start('plan')
      .build(),
};
