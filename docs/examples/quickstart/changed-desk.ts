// The research desk with a planted change that a colleague might make: `research` now truncates its finding.
import { append, fields, graph, input, last, sum, text } from 'reprise';
import { plan, research, write } from '../research-desk/prompts.ts';
import type { Finding } from '../research-desk/prompts.ts';

const roundsMax = 3;

export const changedDesk = graph('research-desk', {
  state: fields({
    question: last<string>(),
    findings: append<Finding>(),
    tokens: sum(),
    rounds: sum(),
    answer: text(),
  }),
  inputs: { research: input<{ topic: string }>() },
})
  .node('plan', async ({ question, findings }, { send, stop }) => {
    const { topics, tokens } = await plan(question, findings);
    if (topics.length === 0) return { delta: { tokens, answer: 'There is nothing to research.' }, route: stop() };
    return { delta: { tokens, rounds: 1 }, route: topics.map((topic) => send('research', { topic })) };
  })
  .node('research', async (_state, { input }) => {
    const { finding, tokens } = await research(input.topic);
    return { delta: { findings: [{ ...finding, text: finding.text.slice(0, 20) }], tokens } };
  })
  .node('write', async ({ question, findings, rounds }, { goto, stop }) => {
    const { answer, isComplete, tokens } = await write(question, findings, { mayAskForMore: rounds < roundsMax });
    return { delta: { answer, tokens }, route: isComplete ? stop() : goto('plan') };
  })
  .edge('research', 'write')
  .start('plan')
  .build();
