// Asks six experts the same question at once, over one client and no more than three at a time, and lets a seventh sum up.
import { append, fields, graph, input, last, sum, text } from 'reprise';
import { Limiter } from './limiter.ts';
import { ask } from './model.ts';

interface Opinion {
  readonly expert: string;
  readonly text: string;
}

const experts = ['history', 'law', 'economics', 'medicine', 'engineering', 'ethics'];
const limiter = new Limiter(3);

export const panel = graph('panel', {
  state: fields({ question: last<string>(), opinions: append<Opinion>(), tokens: sum(), summary: text() }),
  inputs: { expert: input<{ name: string }>() },
})
  .node('invite', (_state, { send }) => ({ route: experts.map((name) => send('expert', { name })) }))
  .node('expert', async ({ question }, { input: { name } }) => {
    const answer = await limiter.run(() => ask([`Topic: ${name}`, `Fact: the question is "${question}"`]));
    return { delta: { opinions: [{ expert: name, text: answer.text }], tokens: answer.tokens } };
  })
  .node('sumUp', async ({ question, opinions }) => {
    const answer = await ask([`Question: ${question}`, ...opinions.map((opinion) => `Finding: ${opinion.text}`)]);
    return { delta: { summary: answer.text, tokens: answer.tokens } };
  })
  .edge('expert', 'sumUp')
  .start('invite')
  .build();
