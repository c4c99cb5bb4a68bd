// A model searches the web and answers; its sources are listed below the answer.
import { fields, graph, last, sum, upsert } from 'reprise';
import { searchWeb } from './model.ts';
import type { Source } from './model.ts';

export const webAnswer = graph('web-answer', {
  state: fields({
    question: last<string>(),
    draft: last(''),
    sources: upsert<Source>('url'),
    tokens: sum(),
    answer: last(''),
  }),
})
  .node('search', async ({ question }) => ({ delta: await searchWeb(question) }))
  .node('cite', ({ draft, sources }) => {
    const list = sources.map(({ title, url }, index) => `${index + 1}. [${title}](${url})`);
    return { delta: { answer: `${draft}\n\n${list.join('\n')}` } };
  })
  .edge('search', 'cite')
  .start('search')
  .build();
