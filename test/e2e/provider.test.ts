// The official clients, unchanged, against the local provider: every framing is read to its end.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../../docs/examples/provider/answer.ts';
import { providerStream } from '../../docs/examples/provider/provider-stream.ts';
import { startProvider } from '../../docs/examples/provider/server.ts';
import type { Provider } from '../../docs/examples/provider/server.ts';

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

function openai(trial = '', maxRetries = 0): OpenAI {
  return new OpenAI({
    apiKey: 'test',
    baseURL: `${provider.url}/v1`,
    maxRetries,
    defaultHeaders: { 'x-trial': trial },
  });
}

async function chatText(client: OpenAI, model: string): Promise<string> {
  const stream = await client.chat.completions.create({ model, messages: question, stream: true });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

const question: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Invent a holiday.' }];
const holidayEnd = 'we are all connected through shared human experiences and mutual respect.';

describe('chat completions', () => {
  it('stream the text that OpenAI streamed', async () => {
    const text = await chatText(openai(), 'gpt-4.1-nano');
    expect(text).toMatch(/^\*\*Holiday Name:\*\* Harmony Day/);
    expect(text.endsWith(holidayEnd)).toBe(true);
  });

  it('stream the text and the reasoning that Groq streamed, to the same client', async () => {
    const stream = await openai().chat.completions.create({
      model: 'qwen/qwen3-32b',
      messages: question,
      stream: true,
    });
    const deltas = [];
    for await (const chunk of stream) deltas.push(chunk.choices[0]?.delta as { content?: string; reasoning?: string });
    expect(deltas).toHaveLength(providerStream('groq-reasoning').length);
    expect(deltas.map((delta) => delta.content ?? '').join('')).toContain('$\\boxed{3}$');
    expect(deltas.map((delta) => delta.reasoning ?? '').join('')).toMatch(/^Okay, let me try to figure out/);
  });

  it('arrive as one answer, with tool calls merged, at a client that does not stream', async () => {
    const { choices, usage } = await openai().chat.completions.create({
      model: 'llama-3.3-70b-versatile',
      messages: question,
    });
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(choices[0]?.message.tool_calls).toEqual([
      { id: 'tk85n1k4m', type: 'function', function: { name: 'weather', arguments: '{}' } },
    ]);
    expect(usage?.total_tokens).toBe(225);
  });

  it('refuse a model that does not exist', async () => {
    await expect(chatText(openai(), 'gpt-0')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('responses', () => {
  const tools: OpenAI.Responses.Tool[] = [{ type: 'web_search' }];

  it('stream a web search and its answer', async () => {
    const stream = await openai().responses.create({ model: 'gpt-5-mini', input: 'news', tools, stream: true });
    const kinds: string[] = [];
    for await (const event of stream) kinds.push(event.type);
    expect(kinds).toHaveLength(providerStream('openai-responses-web-search').length);
    expect(kinds).toContain('response.web_search_call.completed');
    expect(kinds.at(-1)).toBe('response.completed');
  });

  it('arrive as one answer at a client that does not stream', async () => {
    const response = await openai().responses.create({ model: 'gpt-5-mini', input: 'news', tools });
    expect(response.status).toBe('completed');
    expect(response.output_text.length).toBeGreaterThan(100);
  });

  it('break off with the error that OpenAI sent in a stream', async () => {
    const read = async (): Promise<void> => {
      const stream = await openai().responses.create({ model: 'gpt-5-nano', input: 'news', stream: true });
      for await (const event of stream) expect(event.type).not.toBe('response.completed');
    };
    await expect(read()).rejects.toThrow('exceeded your current quota');
  });
});

describe('messages', () => {
  const ask = {
    model: 'claude-sonnet-4-20250514',
    max_tokens: 1000,
    messages: [{ role: 'user' as const, content: 'Hello' }],
  };
  const client = (): Anthropic => new Anthropic({ apiKey: 'test', baseURL: provider.url, maxRetries: 0 });

  it('stream a text', async () => {
    const message = await client().messages.stream(ask).finalMessage();
    expect(message.content).toEqual([
      expect.objectContaining({
        type: 'text',
        text: "Hello! I'm doing well, thank you for asking. How are you doing today? Is there anything I can help you with?",
      }),
    ]);
  });

  it('stream a tool call without arguments', async () => {
    const tools: Anthropic.Tool[] = [{ name: 'updateIssueList', input_schema: { type: 'object' } }];
    const message = await client()
      .messages.stream({ ...ask, tools })
      .finalMessage();
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'updateIssueList', input: {} });
  });

  it('stream a web search with its results and citations', async () => {
    const tools: Anthropic.WebSearchTool20250305[] = [{ type: 'web_search_20250305', name: 'web_search' }];
    const message = await client()
      .messages.stream({ ...ask, tools })
      .finalMessage();
    const [use, result] = message.content;
    expect(use).toMatchObject({ type: 'server_tool_use', input: { query: 'tech news today September 26 2025' } });
    expect(result?.type).toBe('web_search_tool_result');
    const cited = message.content.filter((block) => block.type === 'text' && (block.citations?.length ?? 0) > 0);
    expect(cited.length).toBeGreaterThan(5);
  });
});

describe('generateContent', () => {
  const post = async (query: string): Promise<string> => {
    const path = '/v1beta/models/gemini-3-pro-preview:streamGenerateContent';
    const response = await fetch(`${provider.url}${path}${query}`, { method: 'POST', body: '{"contents":[]}' });
    return response.text();
  };

  it('streams events that end in CR LF', async () => {
    const lines = providerStream('google-text');
    expect(await post('?alt=sse')).toBe(lines.map((line) => `data: ${line}\r\n\r\n`).join(''));
  });

  it('answers with one array without `alt=sse`', async () => {
    expect(JSON.parse(await post(''))).toEqual(providerStream('google-text').map((line): unknown => JSON.parse(line)));
  });
});

describe('a request that asks for trouble', () => {
  it('fails as often as it asks to, and then succeeds', async () => {
    await expect(chatText(openai('fail=2; key=once'), 'gpt-4.1-nano')).rejects.toMatchObject({ status: 500 });
    expect(await chatText(openai('fail=2; key=once', 1), 'gpt-4.1-nano')).toContain(holidayEnd);
    expect(await chatText(openai('fail=2; key=retried', 2), 'gpt-4.1-nano')).toContain(holidayEnd);
  });

  it('gets a stream that breaks off after the given number of events', async () => {
    const { body } = await fetch(`${provider.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-trial': 'break-after=3' },
      body: JSON.stringify({ model: 'gpt-4.1-nano', messages: [], stream: true }),
    });
    let text = '';
    const read = async (): Promise<void> => {
      for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) text += part;
    };
    await expect(read()).rejects.toThrow('terminated');
    const sent = providerStream('openai-chat-text').slice(0, 3);
    expect(text).toBe(sent.map((line) => `data: ${line}\n\n`).join(''));
  });

  it('gets a slow stream, one event at a time', async () => {
    const begin = performance.now();
    const stream = await openai('pause-ms=5').chat.completions.create({
      model: 'llama-3.3-70b-versatile',
      messages: question,
      stream: true,
    });
    let count = 0;
    for await (const _chunk of stream) count += 1;
    expect(count).toBe(3);
    // Two chunks and the end of the stream come after the first, however late they are read; timers may fire a little early.
    expect(performance.now() - begin).toBeGreaterThan(10);
  });

  it('gets its stream compressed, and the client still reads it', async () => {
    const response = await openai('gzip')
      .chat.completions.create({ model: 'gpt-4.1-nano', messages: question, stream: true })
      .asResponse();
    expect(response.headers.get('content-encoding')).toBe('gzip');
    const lines = [...providerStream('openai-chat-text'), '[DONE]'];
    expect(await response.text()).toBe(lines.map((line) => `data: ${line}\n\n`).join(''));
  });

  it('is redirected, with its body', async () => {
    const before = provider.requests.length;
    expect(await chatText(openai('redirect=307'), 'gpt-4.1-nano')).toContain(holidayEnd);
    const [first, second] = provider.requests.slice(before);
    expect(second?.query).toEqual({ redirected: '1' });
    expect(second?.body).toEqual(first?.body);
  });

  it('is refused if it asks for something unknown', async () => {
    await expect(chatText(openai('brake-after=3'), 'gpt-4.1-nano')).rejects.toThrow('x-trial knows no "brake-after"');
    await expect(chatText(openai('fail=often'), 'gpt-4.1-nano')).rejects.toThrow('needs a number for "fail"');
  });
});

describe('the provider', () => {
  it('answers by the request, never by the order of arrival', async () => {
    const models = ['gpt-4.1-nano', 'qwen/qwen3-32b', 'gpt-4.1-nano', 'qwen/qwen3-32b'];
    const texts = await Promise.all(
      models.map((model, index) => chatText(openai(`pause-ms=${(index + 1) % 2}`), model)),
    );
    expect(texts.map((text) => text.includes('Harmony Day'))).toEqual([true, false, true, false]);
    expect(texts[2]).toBe(texts[0]);
    expect(texts[3]).toBe(texts[1]);
  });

  it('reports what a client sent', async () => {
    const before = provider.requests.length;
    await openai().chat.completions.create(
      { model: 'gpt-4.1-nano', messages: question },
      { query: { project: 'p 1' } },
    );
    expect(provider.requests[before]).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      query: { project: 'p 1' },
      headers: { authorization: 'Bearer test' },
      body: { model: 'gpt-4.1-nano', messages: question },
    });
  });

  it('lets a script answer first, and its endpoints answer the rest', async () => {
    await using scripted = await startProvider({
      script: ({ path }) => (path === '/v1/models' ? json({ object: 'list', data: [] }) : undefined),
    });
    const client = new OpenAI({ apiKey: 'test', baseURL: `${scripted.url}/v1`, maxRetries: 0 });
    expect((await client.models.list()).data).toEqual([]);
    expect(await chatText(client, 'gpt-4.1-nano')).toContain(holidayEnd);
  });
});
