// The outside: a model that calls tools, by its official client.
import OpenAI from 'openai';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { tools } from './tools.ts';

let openai: OpenAI | undefined;

/** Made when it is first needed, so that whoever imports the graph needs no key. */
function client(): OpenAI {
  openai ??= new OpenAI({ maxRetries: 0 });
  return openai;
}

/** Gathers what the model streams: its items go back to it in the next turn, the text is for people. */
export async function ask(input: ResponseInputItem[]) {
  const stream = await client().responses.create({ model: 'gpt-5.6-sol', input, tools, store: false, stream: true });
  let text = '';
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') text += event.delta;
    // The client has a type for items that come and a narrower one for items that go; they are the same items.
    if (event.type === 'response.completed') return { items: event.response.output as ResponseInputItem[], text };
  }
  throw new Error('the stream ended before the response was complete');
}
