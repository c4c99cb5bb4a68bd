import OpenAI from 'openai';
import { setTimeout } from 'node:timers/promises';
import { fanOut } from '../fan-out.ts';
import { listeningAt } from '../loopback.ts';
import type { Correct } from '../plant.ts';

const url = await listeningAt((request, response) => {
  request.resume().on('end', async () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const content of ['an ', 'answer']) {
      response.write(
        `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`,
      );
      await setTimeout(2);
    }
    response.end('data: [DONE]\n\n');
  });
});

export const correct: Correct = {
  title: 'streams one after another that their client leaves before their end',
  make() {
    const client = new OpenAI({ apiKey: 'planted', baseURL: `${url}/v1`, maxRetries: 0 });
    return fanOut({
      ids: ['a', 'b'],
      async work({ id }) {
        let said = '';
        for (const content of ['look', 'look again']) {
          const messages = [{ role: 'user' as const, content: `${content} for ${id}` }];
          const stream = await client.chat.completions.create({ model: 'small', stream: true, messages });
          for await (const part of stream) said += part.choices[0]?.delta.content ?? '';
        }
        return said;
      },
    });
  },
};
