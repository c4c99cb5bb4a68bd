import Anthropic from '@anthropic-ai/sdk';
import { fanOut } from '../fan-out.ts';
import { listeningAt } from '../loopback.ts';
import type { Plant } from '../plant.ts';

const url = await listeningAt(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const isRefused = body.includes('large') && body.includes('for b');
  response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(isRefused ? { error: { message: 'too large' } } : { content: [] }));
});

export const plant: Plant = {
  title: 'after a failure every later task takes the small model, and all of them share a client',
  rung: 'pairs',
  depth: 1,
  variable: 'breaker',
  isNamedFirst: true,
  make() {
    const client = new Anthropic({ baseURL: url, apiKey: 'none', maxRetries: 0 });
    const breaker = { isOpen: false };
    const ask = async (model: string, id: string): Promise<string> => {
      await client.messages.create({ model, max_tokens: 1, messages: [{ role: 'user', content: `for ${id}` }] });
      return model;
    };
    return fanOut({
      ids: ['a', 'b', 'c'],
      async work({ id }) {
        if (breaker.isOpen) return ask('small', id);
        try {
          return await ask('large', id);
        } catch {
          breaker.isOpen = true;
          return ask('small', id);
        }
      },
    });
  },
};
