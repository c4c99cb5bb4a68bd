import OpenAI from 'openai';

let openai: OpenAI | undefined;

/** Streams an answer, and collects it. The client is created on first use, so that importing the graph needs no key. */
export async function ask(prompt: readonly string[]): Promise<{ readonly text: string; readonly tokens: number }> {
  openai ??= new OpenAI({ maxRetries: 0 });
  const stream = await openai.chat.completions.create({
    model: 'gpt-4.1-mini',
    messages: [{ role: 'user', content: prompt.join('\n') }],
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let tokens = 0;
  for await (const { choices, usage } of stream) {
    text += choices[0]?.delta.content ?? '';
    tokens += usage?.total_tokens ?? 0;
  }
  return { text, tokens };
}
