// Runs that do a little of everything on their way: they stream, wait for a signal, and hand tasks out to workers.
import { append, fields, graph, input, last, text } from '../../../src/index.ts';

export const wordCount = 8;
export const branchCount = 4;

const slowly = async <Given>(given: Given): Promise<Given> => {
  await new Promise((resolve) => setTimeout(resolve, 25));
  return given;
};

export const trip = graph('trip', {
  state: fields({ words: text(), amount: last(0), found: append<number>() }),
  inputs: { look: input<number>() },
})
  .node('say', async function* (_state, { effect }) {
    for (let word = 0; word < wordCount; word += 1) {
      await effect('say', word, () => slowly(word));
      yield { words: `${word} ` };
    }
  })
  .node('pay', async (_state, { receive }) => ({ delta: { amount: Number(await receive('paid')) } }))
  .node('split', (_state, { send }) => ({
    route: Array.from({ length: branchCount }, (_unused, branch) => send('look', branch)),
  }))
  .node(
    'look',
    async (_state, { effect, input: branch }) => {
      await effect('look', branch, () => slowly(branch));
      return { delta: { found: [branch] } };
    },
    { on: 'workers' },
  )
  .edge('say', 'pay')
  .edge('pay', 'split')
  .start('say')
  .build();
