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
  title: 'tasks that share a client of the official SDK of OpenAI, and ask it twice at once',
  make() {
    const client = new OpenAI({ apiKey: 'planted', baseURL: `${url}/v1`, maxRetries: 0 });
    return fanOut({
      ids: ['a', 'b'],
      async work({ id }) {
        const answers = await Promise.all(
          ['near', 'behind'].map((where) =>
            client.chat.completions.create({
              model: 'small',
              messages: [{ role: 'user', content: `look ${where} ${id}` }],
            }),
          ),
        );
        return answers.map(({ choices }) => choices[0]?.message.content).join();
      },
    });
  },
};
