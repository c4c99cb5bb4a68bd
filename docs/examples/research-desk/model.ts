// The desk's outside world: a model, through its official client, and a source of facts, through `fetch`.
import OpenAI from 'openai';
import type { ChatCompletionTool } from 'openai/resources/chat/completions';

let openai: OpenAI | undefined;

/** Created on first use, so that importing the graph needs no key. */
function client(): OpenAI {
  openai ??= new OpenAI({
    maxRetries: 0,
    defaultHeaders: { 'x-api-key': process.env.GATEWAY_API_KEY ?? 'none' },
    defaultQuery: { api_key: process.env.PROJECT_API_KEY ?? 'none' },
  });
  return openai;
}

/** Asks the model, and collects the text or the tool call that it streams. */
export async function complete(prompt: readonly string[], tools: ChatCompletionTool[] = []) {
  const stream = await client().chat.completions.create({
    model: 'gpt-4.1-mini',
    messages: [{ role: 'user', content: prompt.join('\n') }],
    ...(tools.length > 0 ? { tools } : {}),
    stream: true,
    stream_options: { include_usage: true },
  });
  const answer = { text: '', toolName: '', toolArguments: '', tokens: 0 };
  for await (const { choices, usage } of stream) {
    const delta = choices[0]?.delta;
    const call = delta?.tool_calls?.[0]?.function;
    answer.text += delta?.content ?? '';
    answer.toolName += call?.name ?? '';
    answer.toolArguments += call?.arguments ?? '';
    answer.tokens += usage?.total_tokens ?? 0;
  }
  return answer;
}

export async function lookUp(topic: string): Promise<readonly string[]> {
  const response = await fetch(new URL('/telemetry-free/lookup', client().baseURL), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ topic, metadata: { api_key: process.env.LOOKUP_API_KEY ?? 'none' } }),
  });
  if (!response.ok) throw new Error(`looking up "${topic}" was answered with status ${response.status}`);
  const { facts } = (await response.json()) as { facts: string[] };
  return facts;
}
