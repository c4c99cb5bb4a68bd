// Answers that are made by hand, held against those that providers have sent: the official clients read them, and no event
// has a field that a recorded one of its kind lacks, in another place or of another type.
import { readFileSync } from 'node:fs';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { expect, it } from 'vitest';
import {
  anthropicMessage,
  chatCompletion,
  googleContent,
  openaiResponse,
  toolCall,
} from '../../../src/testing/index.ts';
import type { AnswerRequest } from '../../../src/testing/index.ts';

interface StreamEvent {
  readonly type?: string;
  readonly [name: string]: unknown;
}

function recorded(...names: readonly string[]): readonly StreamEvent[] {
  return names.flatMap((name) =>
    readFileSync(`fixtures/provider-streams/${name}.chunks.jsonl`, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StreamEvent),
  );
}

const asking = (url: string, body: object = {}): Request =>
  new Request(url, { method: 'POST', body: JSON.stringify(body) });

async function eventsOf(answer: AnswerRequest, request: Request): Promise<readonly StreamEvent[]> {
  const text = await (await answer(request)).text();
  return [...text.matchAll(/^data: (\{.*\})\r?$/gm)].map(([, json = '']) => JSON.parse(json) as StreamEvent);
}

/** Each place in an event with the type of what stands there, such as `choices[].delta.content string`. */
function shapeOf(value: unknown, at = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => shapeOf(item, `${at}[]`));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, item]) => shapeOf(item, at === '' ? name : `${at}.${name}`));
  return [`${at} ${value === null ? 'null' : typeof value}`];
}

/** What kind of event it is: its type, and that of what it is about. */
function kindOf(event: StreamEvent): string {
  const {
    type = 'chunk',
    item,
    delta,
    content_block: block,
  } = event as Record<string, { type?: string } | undefined> & StreamEvent;
  return [type, item?.type, delta?.type, block?.type].filter((part) => part !== undefined).join(' ');
}

/** The arguments of a call have the fields of their tool. */
const isOwn = (place: string): boolean => /(?:\.args|\.input)\.|tools\[\]/.test(place);

function expectLike(made: readonly StreamEvent[], sent: readonly StreamEvent[]): void {
  const known = new Map<string, Set<string>>();
  for (const event of sent) {
    const shape = known.get(kindOf(event)) ?? new Set();
    known.set(kindOf(event), shape);
    for (const place of shapeOf(event)) shape.add(place);
  }
  for (const event of made) {
    const shape = known.get(kindOf(event));
    expect([kindOf(event), shape !== undefined]).toEqual([kindOf(event), true]);
    expect([kindOf(event), shapeOf(event).filter((place) => !isOwn(place) && !shape?.has(place))]).toEqual([
      kindOf(event),
      [],
    ]);
  }
}

const call = toolCall('weather', { city: 'Oslo' });
const url = {
  chat: 'https://api.openai.com/v1/chat/completions',
  responses: 'https://api.openai.com/v1/responses',
  anthropic: 'https://api.anthropic.com/v1/messages',
  google: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse',
};
const streamed = { stream: true, stream_options: { include_usage: true }, model: 'm' };

it('streams chat completions like those that were recorded', async () => {
  const text = await eventsOf(chatCompletion('It rains in Oslo.'), asking(url.chat, streamed));
  expectLike(text, recorded('openai-chat-text'));
  const calls = await eventsOf(chatCompletion(call), asking(url.chat, { stream: true }));
  expectLike(calls, recorded('groq-tool-call', 'openai-chat-text'));
});

it('streams responses like those that were recorded', async () => {
  const made = await eventsOf(openaiResponse(['It ', 'rains.', call]), asking(url.responses, streamed));
  expectLike(
    made,
    recorded('openai-responses-tool-loop-1', 'openai-responses-tool-loop-3', 'openai-responses-web-search'),
  );
});

it('streams messages like those that were recorded', async () => {
  const made = await eventsOf(anthropicMessage(['Let me ', 'look.', call]), asking(url.anthropic, streamed));
  expectLike(made, recorded('anthropic-text', 'anthropic-tool-no-args'));
});

it("streams Google's contents like those that were recorded", async () => {
  const made = await eventsOf(googleContent(['It ', 'rains.', call]), asking(url.google));
  expectLike(made, recorded('google-text', 'google-tool-call'));
});

it('is read by the official clients, whole and as a stream', async () => {
  const fetched = (answer: AnswerRequest) => async (input: string | URL | Request, init?: RequestInit) =>
    answer(new Request(input, init));
  const content = ['It ', 'rains.', call] as const;
  const key = { apiKey: 'none' };
  const messages = [{ role: 'user' as const, content: 'Weather?' }];

  const openai = (answer: AnswerRequest): OpenAI => new OpenAI({ ...key, fetch: fetched(answer) as typeof fetch });
  const chat = openai(chatCompletion(content)).chat.completions;
  const whole = await chat.create({ model: 'm', messages });
  const final = await chat.stream({ model: 'm', messages }).finalChatCompletion();
  for (const { choices } of [whole, final]) {
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: 'It rains.', tool_calls: [{ id: 'call_1', function: { arguments: '{"city":"Oslo"}' } }] },
    });
  }

  const responses = openai(openaiResponse(content)).responses;
  for (const response of [
    await responses.create({ model: 'm', input: 'x' }),
    await responses.stream({ model: 'm', input: 'x' }).finalResponse(),
  ]) {
    expect(response).toMatchObject({
      output_text: 'It rains.',
      output: [{ type: 'message' }, { type: 'function_call', name: 'weather', arguments: '{"city":"Oslo"}' }],
    });
  }

  const anthropic = new Anthropic({ ...key, fetch: fetched(anthropicMessage(content)) as typeof fetch });
  const asked = { model: 'm', max_tokens: 10, messages };
  for (const message of [
    await anthropic.messages.create(asked),
    await anthropic.messages.stream(asked).finalMessage(),
  ]) {
    expect(message).toMatchObject({
      stop_reason: 'tool_use',
      content: [
        { type: 'text', text: 'It rains.' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
      ],
    });
  }

  const live = globalThis.fetch;
  globalThis.fetch = fetched(googleContent(content)) as typeof fetch;
  try {
    const { models } = new GoogleGenAI(key);
    const answer = await models.generateContent({ model: 'm', contents: 'x' });
    expect([answer.text, answer.functionCalls]).toEqual(['It rains.', [{ name: 'weather', args: { city: 'Oslo' } }]]);
    let text = '';
    for await (const chunk of await models.generateContentStream({ model: 'm', contents: 'x' }))
      text += chunk.text ?? '';
    expect(text).toBe('It rains.');
  } finally {
    globalThis.fetch = live;
  }
});

it('refuses what no model says', () => {
  for (const wrong of [5, [], [5], { tool: 'a' }])
    expect(() => chatCompletion(wrong as never)).toThrow(
      /chatCompletion: argument "content" is not what a model can say/,
    );
});
