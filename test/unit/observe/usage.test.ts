// Tokens from what real providers sent, as the journal holds it; sums and prices from runs that were recorded.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame } from '../../../docs/examples/provider/answer.ts';
import type { Framing } from '../../../docs/examples/provider/answer.ts';
import { providerStream } from '../../../docs/examples/provider/provider-stream.ts';
import type { Value } from '../../../src/base/value.ts';
import type { Entry } from '../../../src/journal/entry.ts';
import { usageOf, usageSummary } from '../../../src/observe/index.ts';
import { effectsAt } from '../../support/entries.ts';
import { entriesOf } from '../../support/fixture-file.ts';

interface Call {
  readonly origin: string;
  readonly path: string;
  readonly json?: Value;
}

const chat: Call = { origin: 'https://api.openai.com', path: '/v1/chat/completions', json: { model: 'asked' } };
const groq: Call = { ...chat, origin: 'https://api.groq.com', path: '/openai/v1/chat/completions' };
const responses: Call = { ...chat, path: '/v1/responses' };
const anthropic: Call = {
  origin: 'https://api.anthropic.com',
  path: '/v1/messages',
  json: { model: 'asked', messages: [] },
};
const google: Call = {
  origin: 'https://generativelanguage.googleapis.com',
  path: '/v1beta/models/asked:streamGenerateContent',
};

function effect({ origin, path, json }: Call, body: Value, status = 200): Parameters<typeof usageOf>[0] {
  const request = { method: 'POST', origin, path, query: [], ...(json === undefined ? {} : { body: { json } }) };
  return { type: 'http', request, outcome: { kind: 'value', value: { status, headers: {}, body, ended: 'complete' } } };
}

function streamed(call: Call, name: string, framing: Framing): ReturnType<typeof effect> {
  return effect(
    call,
    providerStream(name)
      .map((line) => frame(framing, line))
      .join(''),
  );
}

describe('usageOf', () => {
  it.each([
    [chat, 'openai-chat-text', 'data', 'openai', 'gpt-4.1-nano-2025-04-14', 16, 300],
    [groq, 'groq-reasoning', 'data', 'groq', 'qwen/qwen3-32b', 17, 1107],
    [groq, 'groq-tool-call', 'data', 'groq', 'llama-3.3-70b-versatile', 210, 15],
    [responses, 'openai-responses-custom-tool', 'event-and-data', 'openai', 'gpt-5.2-codex', 50, 20],
    [responses, 'openai-responses-tool-loop-1', 'event-and-data', 'openai', 'gpt-5.6-sol', 631, 87],
    [responses, 'openai-responses-tool-loop-3', 'event-and-data', 'openai', 'gpt-5.6-sol', 757, 35],
    [responses, 'openai-responses-web-search', 'event-and-data', 'openai', 'gpt-5-mini-2025-08-07', 31_073, 4_416],
    [anthropic, 'anthropic-text', 'event-and-data', 'anthropic', 'claude-sonnet-4-5-20250929', 12, 30],
    [anthropic, 'anthropic-tool-no-args', 'event-and-data', 'anthropic', 'claude-sonnet-4-5-20250929', 565, 48],
    [anthropic, 'anthropic-web-search', 'event-and-data', 'anthropic', 'claude-sonnet-4-20250514', 15_665, 795],
    // Thinking is output, and 217 in all.
    [google, 'google-text', 'data-crlf', 'gcp.gemini', 'gemini-3-pro-preview', 9, 23 + 185],
    [google, 'google-tool-call', 'data-crlf', 'gcp.gemini', 'gemini-3-pro-preview', 29, 15 + 45],
  ] as const)('reads the stream of $1', (call, name, framing, provider, responseModel, inputTokens, outputTokens) => {
    expect(usageOf(streamed(call, name, framing))).toMatchObject({
      provider,
      requestModel: 'asked',
      responseModel,
      inputTokens,
      outputTokens,
    });
  });

  it('reads answers that are one document', () => {
    const completion = { id: 'c1', model: 'gpt-4.1', usage: { prompt_tokens: 3, completion_tokens: 4 } };
    expect(usageOf(effect(chat, JSON.stringify(completion)))).toEqual({
      provider: 'openai',
      operation: 'chat',
      requestModel: 'asked',
      responseModel: 'gpt-4.1',
      responseId: 'c1',
      inputTokens: 3,
      outputTokens: 4,
    });
    const response = { id: 'r1', model: 'gpt-5', usage: { input_tokens: 5, output_tokens: 6 } };
    expect(usageOf(effect(responses, JSON.stringify(response)))).toMatchObject({ inputTokens: 5, outputTokens: 6 });
    const generated = { usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 8 }, modelVersion: 'gemini' };
    const once = { ...google, path: '/v1beta/models/asked:generateContent' };
    expect(usageOf(effect(once, JSON.stringify(generated)))).toMatchObject({ inputTokens: 7, outputTokens: 8 });
    const embedded = { model: 'embed-3', usage: { prompt_tokens: 9, total_tokens: 9 } };
    expect(usageOf(effect({ ...chat, path: '/v1/embeddings' }, JSON.stringify(embedded)))).toMatchObject({
      operation: 'embeddings',
      inputTokens: 9,
      outputTokens: 0,
    });
  });

  it('reads the list of chunks that Google gives without `alt=sse`', () => {
    const body = `[${providerStream('google-text').join(',\n')}]`;
    expect(usageOf(effect(google, body))).toMatchObject({ inputTokens: 9, outputTokens: 208 });
  });

  it('counts what came from a cache as input, whichever way the provider does', () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 1_000,
      output_tokens: 1,
    };
    expect(usageOf(effect(anthropic, JSON.stringify({ model: 'claude', usage })))).toMatchObject({
      inputTokens: 1_110,
      cacheReadTokens: 100,
      cacheWriteTokens: 1_000,
    });
    expect(usageOf(streamed(responses, 'openai-responses-web-search', 'event-and-data'))).toMatchObject({
      inputTokens: 31_073,
      cacheReadTokens: 3_712,
    });
  });

  it('names the call, but no counts, where the answer broke off, refused, or never came', () => {
    const whole = providerStream('openai-chat-text').map((line) => frame('data', line));
    const cut = usageOf(effect(chat, whole.slice(0, 20).join('')));
    expect(cut).toMatchObject({ requestModel: 'asked', responseModel: 'gpt-4.1-nano-2025-04-14' });
    expect(cut).not.toHaveProperty('inputTokens');
    expect(usageOf(streamed(responses, 'openai-responses-error', 'event-and-data'))).not.toHaveProperty('inputTokens');
    expect(usageOf(effect(chat, '{"error":{"message":"no"}}', 429))).toEqual({
      provider: 'openai',
      operation: 'chat',
      requestModel: 'asked',
    });
    const { type, request } = effect(chat, '');
    const lost = { kind: 'error', error: new Error('socket hang up') } as const;
    expect(usageOf({ type, request, outcome: lost })).toMatchObject({ requestModel: 'asked' });
  });

  it('takes nothing else for a call of a model', () => {
    expect(usageOf(effect({ ...anthropic, json: { text: 'hello' } }, '{}'))).toBeUndefined();
    expect(usageOf(effect({ ...chat, path: '/v1/models' }, '{}'))).toBeUndefined();
    expect(usageOf({ type: 'call', request: 'x', outcome: { kind: 'value', value: 1 } })).toBeUndefined();
  });

  it('stands any effect', () => {
    fc.assert(fc.property(effectsAt('1.0#1' as never, 0), (given) => void usageOf(given)));
    fc.assert(
      fc.property(fc.constantFrom(chat, responses, anthropic, google), fc.jsonValue(), (call, json) => {
        usageOf(effect(call, JSON.stringify(json)));
      }),
    );
  });
});

const deskPrices = {
  'gpt-4.1-mini': { input: 0.4, output: 1.6 },
  'gpt-4.1-nano-2025-04-14': { input: 0.1, output: 0.4 },
};

describe('usageSummary', () => {
  it('sums a recorded run, as a whole, by node and by model', async () => {
    const journal = await entriesOf('fixtures/research-desk/research-desk-1.run.jsonl');
    const summary = await usageSummary(journal, { prices: deskPrices });
    expect(summary).toMatchObject({ calls: 8, inputTokens: 128, outputTokens: 379, unpriced: [], unmeasured: 0 });
    expect(summary.usd).toBeCloseTo((112 * 0.4 + 79 * 1.6 + 16 * 0.1 + 300 * 0.4) / 1e6, 12);
    expect(summary.nodes.map(({ node, calls, outputTokens }) => ({ node, calls, outputTokens }))).toEqual([
      { node: 'plan', calls: 2, outputTokens: 8 },
      { node: 'research', calls: 4, outputTokens: 68 },
      { node: 'write', calls: 2, outputTokens: 303 },
    ]);
    expect(summary.models.map(({ model, inputTokens }) => [model, inputTokens])).toEqual([
      ['gpt-4.1-mini', 112],
      ['gpt-4.1-nano-2025-04-14', 16],
    ]);
  });

  it('names a model without price, and never takes it for free', async () => {
    const journal = await entriesOf('fixtures/research-desk/research-desk-1.run.jsonl');
    const { 'gpt-4.1-mini': mini } = deskPrices;
    const some = await usageSummary(journal, { prices: { 'gpt-4.1-mini': mini } });
    // The last answer names another model than was asked for; the one that was asked for has a price.
    expect(some.unpriced).toEqual([]);
    const none = await usageSummary(journal);
    expect(none).toMatchObject({ usd: undefined, unpriced: ['gpt-4.1-mini', 'gpt-4.1-nano-2025-04-14'] });
    expect(none.nodes.every(({ usd }) => usd === undefined)).toBe(true);
  });

  it('reads the other examples too', async () => {
    const loop = await usageSummary(await entriesOf('fixtures/tool-loop/tool-loop-1.run.jsonl'));
    expect(loop).toMatchObject({ calls: 3, inputTokens: 1_388, outputTokens: 122, unmeasured: 0 });
    const web = await usageSummary(await entriesOf('fixtures/web-answer/web-answer-1.run.jsonl'));
    expect(web).toMatchObject({ calls: 1, unpriced: ['claude-sonnet-4-20250514'] });
  });

  it('prices what came from a cache as the table says', async () => {
    const usage = {
      input_tokens: 1e6,
      cache_read_input_tokens: 1e6,
      cache_creation_input_tokens: 1e6,
      output_tokens: 1e6,
    };
    const given = { ...effect(anthropic, JSON.stringify({ model: 'claude', usage })), kind: 'effect', at: '1.0#1' };
    const journal = [given as unknown as Entry];
    const usd = async (more: object): Promise<number | undefined> =>
      (await usageSummary(journal, { prices: { claude: { input: 3, output: 15, ...more } } })).usd;
    expect(await usd({})).toBeCloseTo(3 * 3 + 15, 9);
    expect(await usd({ cacheRead: 0.3, cacheWrite: 3.75 })).toBeCloseTo(3 + 0.3 + 3.75 + 15, 9);
  });

  it('counts what a fork has from its parent in the parent alone, and inner nodes by their way', async () => {
    const call = { ...effect(chat, '{"model":"m","usage":{"prompt_tokens":1,"completion_tokens":1}}'), kind: 'effect' };
    const journal = [
      { kind: 'run', at: '', observed: { runId: 'fork', time: 0, parent: { runId: 'r', step: 1 } } },
      { kind: 'commit', at: '0', frontier: [{ node: 'a' }] },
      { ...call, at: '1.0#1' },
      { kind: 'commit', at: '1', frontier: [{ node: 'desk' }] },
      { kind: 'commit', at: '2.0#1/0', frontier: [{ node: 'x' }, { node: 'y' }] },
      { ...call, at: '2.0#1/1.1#2' },
    ] as unknown as Entry[];
    const { calls, nodes } = await usageSummary(journal);
    expect(calls).toBe(1);
    expect(nodes.map(({ node }) => node)).toEqual(['desk/y']);
  });

  it('refuses an invalid price', async () => {
    await expect(usageSummary([], { prices: { m: { input: -1, output: 0 } } })).rejects.toThrow(
      'option "prices.m.input" is -1',
    );
    await expect(usageSummary([], { price: {} } as never)).rejects.toThrow('usageSummary: unknown option "price"');
  });
});
