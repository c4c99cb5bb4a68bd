import Anthropic from '@anthropic-ai/sdk';
import { fanOut } from '../fan-out.ts';
import { listeningAt } from '../loopback.ts';
import type { Correct } from '../plant.ts';

const usage = { input_tokens: 1, output_tokens: 1 };
const message = { id: 'message', type: 'message', role: 'assistant', model: 'small', content: [], usage };
const events = [
  { type: 'message_start', message },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'an ' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'answer' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
  { type: 'message_stop' },
];

const url = await listeningAt((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
});

export const correct: Correct = {
  title: 'streams of a shared client of the official SDK of Anthropic',
  make() {
    const client = new Anthropic({ apiKey: 'planted', baseURL: url, maxRetries: 0 });
    return fanOut({
      ids: ['a', 'b'],
      async work({ id }) {
        const messages = [{ role: 'user' as const, content: `look for ${id}` }];
        return await client.messages.stream({ model: 'small', max_tokens: 9, messages }).finalText();
      },
    });
  },
};
