// The official clients, unchanged, created before or after interception begins.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { LoopbackServer, bodyOf, pause } from '../support/loopback-server.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';
import type { AttemptAnswers } from '../support/recorded-attempt.ts';

const words = ['The ', 'answer ', 'is ', '42.'];
let failuresLeft = 0;
let hits = 0;
let server: LoopbackServer;
beforeAll(async () => {
  server = await LoopbackServer.start(async (request, response) => {
    hits += 1;
    const asked = JSON.parse((await bodyOf(request)).toString()) as { stream?: boolean; n?: number };
    if (failuresLeft > 0) {
      failuresLeft -= 1;
      response
        .writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': '5' })
        .end('{"error":{"message":"slow down"}}');
      return;
    }
    const events = request.url?.includes('messages') ? messageEvents() : completionEvents();
    response.writeHead(200, { 'content-type': asked.stream === true ? 'text/event-stream' : 'application/json' });
    if (asked.stream !== true) return void response.end(JSON.stringify(completion(words.join(''))));
    for (const event of events) {
      response.write(event);
      await pause(2);
    }
    response.end();
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const completion = (content: string): unknown => ({
  id: 'c',
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
});
function completionEvents(): string[] {
  const events = words.map((content) => ({
    id: 'c',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content } }],
  }));
  return [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'];
}
function messageEvents(): string[] {
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    content: [],
    model: 'm',
    stop_reason: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const events = [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

const nativeFetch = globalThis.fetch;
let uninstall: () => void;
beforeEach(() => {
  uninstall = httpEffects().install(testEngine);
  hits = 0;
});
afterEach(() => uninstall());

const openai = (fetch: typeof globalThis.fetch): OpenAI =>
  new OpenAI({ apiKey: 'sk-test', baseURL: server.url, fetch });
const anthropic = (fetch: typeof globalThis.fetch): Anthropic =>
  new Anthropic({ apiKey: 'sk-test', baseURL: server.url, fetch });
const messages = [{ role: 'user' as const, content: 'What is the answer?' }];

async function askOpenAi(client: OpenAI): Promise<string[]> {
  const parts: string[] = [];
  const stream = await client.chat.completions.create({ model: 'm', messages, stream: true });
  for await (const part of stream) parts.push(part.choices[0]?.delta.content ?? '');
  return parts;
}
async function askAnthropic(client: Anthropic): Promise<string[]> {
  const parts: string[] = [];
  const stream = client.messages.stream({ model: 'm', max_tokens: 10, messages });
  stream.on('text', (text) => parts.push(text));
  await stream.finalMessage();
  return parts;
}

describe.each([
  ['openai', () => askOpenAi(openai(globalThis.fetch))],
  ['openai, made before', () => askOpenAi(openai(nativeFetch))],
  ['anthropic', () => askAnthropic(anthropic(globalThis.fetch))],
  ['anthropic, made before', () => askAnthropic(anthropic(nativeFetch))],
])('the client of %s', (name, ask) => {
  it('streams, is recorded, and is answered from the recording without a new request', async () => {
    const attempt = new RecordedAttempt();
    expect(await attempt.run(ask)).toEqual(words);
    expect(attempt.exchanges).toHaveLength(1);
    expect(attempt.outcome()).toMatchObject({ status: 200, headers: { 'content-type': 'text/event-stream' } });
    // A client may close its stream once it has read the last event.
    expect(attempt.outcome().body).toContain(name.startsWith('openai') ? 'data: [DONE]' : 'message_stop');
    expect(JSON.stringify(attempt.exchanges[0]?.request)).not.toContain('sk-test');
    expect(hits).toBe(1);

    const resumed = new RecordedAttempt(answersOf(attempt));
    expect(await resumed.run(ask)).toEqual(words);
    expect(resumed.exchanges.map(({ request }) => request)).toEqual(attempt.exchanges.map(({ request }) => request));
    expect(hits).toBe(1);
  });

  it('retries after a 429, with one exchange per try', async () => {
    failuresLeft = 1;
    const attempt = new RecordedAttempt();
    expect(await attempt.run(ask)).toEqual(words);
    expect(attempt.exchanges.map((_exchange, index) => attempt.outcome(index).status)).toEqual([429, 200]);
    expect(attempt.outcome(0).headers).toEqual({ 'content-type': 'application/json', 'retry-after-ms': '5' });
    const resumed = new RecordedAttempt(answersOf(attempt));
    expect(await resumed.run(ask)).toEqual(words);
    expect(hits).toBe(2);
  });
});

it('an abandoned stream is recorded up to where it was read', async () => {
  const attempt = new RecordedAttempt();
  await attempt.run(async () => {
    const stream = await openai(globalThis.fetch).chat.completions.create({ model: 'm', messages, stream: true });
    for await (const part of stream) if (part.choices[0]?.delta.content === words[1]) break;
  });
  expect(attempt.outcome().ended).toBe('cancelled');
  expect(attempt.outcome().body).toContain(words[1]);
  expect(attempt.outcome().body).not.toContain(words[3]);
});

it('an answer that is not a stream', async () => {
  const attempt = new RecordedAttempt();
  const answer = await attempt.run(() => openai(globalThis.fetch).chat.completions.create({ model: 'm', messages }));
  expect(answer.choices[0]?.message.content).toBe(words.join(''));
  expect(attempt.outcome()).toMatchObject({ status: 200, ended: 'complete' });
});

function answersOf(recorded: RecordedAttempt): AttemptAnswers {
  let index = 0;
  return {
    answer: () => {
      const exchange = recorded.exchanges[index];
      index += 1;
      if (exchange?.outcome === undefined || exchange.facts === undefined)
        throw new Error('asked for more than was recorded');
      return { kind: 'answered', outcome: exchange.outcome, facts: exchange.facts };
    },
  };
}
