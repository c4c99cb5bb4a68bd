// A graph as a user writes it, which the tests of the command line run as it is and with one thing changed.
import { append, fields, graph, input, last, reduce } from 'reprise';

export const desk = graph('desk', {
  state: fields({
    question: last<string>(),
    notes: append<string>(),
    score: reduce((total: number, more: number) => total + more, 0),
    verdict: last<string>('open'),
  }),
  inputs: { research: input<{ topic: string }>() },
})
  .node('plan', async (state, { send, effect }) => {
    const topics = await effect('topics', { ask: `topics of ${state.question}` }, async () => ['bees', 'ants']);
    return { route: topics.map((topic) => send('research', { topic })) };
  })
  .node('research', async (_state, { input: { topic }, effect }) => {
    const note = await effect('look-up', { topic }, async (request) => `all about ${request.topic}`);
    return { delta: { notes: [note], score: 1 } };
  })
  .node('judge', (state) => ({ delta: { verdict: state.notes.length > 1 ? 'enough' : 'little' } }))
  .node('shelve', () => ({ delta: { verdict: 'shelved' } }))
  .edge('research', 'judge')
  .edge('judge', 'shelve', { when: (state) => state.score > 5, label: 'too much' })
  .start('plan')
  .build();
