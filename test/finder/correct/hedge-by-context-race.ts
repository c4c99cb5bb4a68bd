import { fields, graph, last } from '../../../src/index.ts';
import type { Correct } from '../plant.ts';

export const correct: Correct = {
  title: 'the twin of a planted hedge: the same two requests, by `context.race`',
  make: () =>
    graph('hedged', { state: fields({ answer: last('') }) })
      .node('ask', async (_state, { effect, race }) => {
        const ask = (model: string) => async () => effect('model', model, async () => `answer of ${model}`);
        const { value } = await race('answer', { large: ask('large'), small: ask('small') });
        return { delta: { answer: value } };
      })
      .start('ask')
      .build(),
};
