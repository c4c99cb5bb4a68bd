// The outside world: a model that calls tools, through its official client.
import OpenAI from 'openai';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { tools } from './tools.ts';

let openai: OpenAI | undefined;

/** Created on first use, so that importing the graph needs no key. */
function client(): OpenAI {
  openai ??= new OpenAI({ maxRetries: 0 });
  return openai;
}

/** Collects what the model streams: the items go back to it in the next turn, the text is for people. */
export async function ask(input: ResponseInputItem[]) {
  const stream = await client().responses.create({ model: 'gpt-5.6-sol', input, tools, store: false, stream: true });
  let text = '';
  for await (const event of stream) {
    if (event.type === 'response.output_text.delta') text += event.delta;
    // The client types output items and input items differently, the latter more narrowly; they are the same items.
    if (event.type === 'response.completed') return { items: event.response.output as ResponseInputItem[], text };
  }
  throw new Error('the stream ended before the response was complete');
}
