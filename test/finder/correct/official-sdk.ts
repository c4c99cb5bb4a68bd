import OpenAI from 'openai';
import { fanOut } from '../fan-out.ts';
import { listeningAt } from '../loopback.ts';
import type { Correct } from '../plant.ts';

const url = await listeningAt((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const message = { role: 'assistant', content: 'an answer' };
    response.end(
      JSON.stringify({ object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }] }),
    );
  });
});

export const correct: Correct = {
  title: 'tasks that share a client of the official SDK of OpenAI',
  make() {
    const client = new OpenAI({ apiKey: 'planted', baseURL: `${url}/v1`, maxRetries: 0 });
    return fanOut({
      ids: ['a', 'b'],
      async work({ id }) {
        const { choices } = await client.chat.completions.create({
          model: 'small',
          messages: [{ role: 'user', content: `look for ${id}` }],
        });
        return choices[0]?.message.content ?? 'nothing';
      },
    });
  },
};
