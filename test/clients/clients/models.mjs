// Clients of model providers, official and not, each with answers of the form that it expects.
import { signalOf } from './helpers.mjs';

const lacks = {
  unix: 'it takes no address of a socket',
  proxy: 'it takes no proxy, except by a fetch or an agent of the caller',
};
const messages = [{ role: 'user', content: 'What is it?' }];

const sse = (events, last = []) => [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), ...last];

const completion = {
  type: 'application/json',
  body: JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'It is 42.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
  }),
  events: sse(
    ['It ', 'is ', '42.'].map((content, at) => ({
      id: 'c1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: at === 2 ? 'stop' : null }],
    })),
    ['data: [DONE]\n\n'],
  ),
  failure: JSON.stringify({ error: { message: 'not like this', type: 'invalid_request_error', code: 'bad' } }),
};

const message = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'It is 42.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 3 },
};
const anthropicContent = {
  type: 'application/json',
  body: JSON.stringify(message),
  events: [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...['It ', 'is ', '42.'].map((text) => ({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text },
    })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  failure: JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message: 'not like this' } }),
};

const candidate = (text, finishReason) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, ...(finishReason ? { finishReason } : {}), index: 0 }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 3, totalTokenCount: 4 },
  modelVersion: 'm',
});
const googleContent = {
  type: 'application/json',
  body: JSON.stringify(candidate('It is 42.', 'STOP')),
  events: sse([candidate('It '), candidate('is '), candidate('42.', 'STOP')]),
  failure: JSON.stringify({ error: { code: 400, message: 'not like this', status: 'INVALID_ARGUMENT' } }),
};

const cohereContent = {
  type: 'application/json',
  body: JSON.stringify({
    id: 'c1',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: 'It is 42.' }] },
  }),
  events: [
    { type: 'message-start', id: 'c1', delta: { message: { role: 'assistant' } } },
    ...['It ', 'is ', '42.'].map((text) => ({
      type: 'content-delta',
      index: 0,
      delta: { message: { content: { text } } },
    })),
    { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  failure: JSON.stringify({ message: 'not like this' }),
};

const ollamaPart = (content, done) => ({ model: 'm', created_at: 't', message: { role: 'assistant', content }, done });
const ollamaContent = {
  type: 'application/json',
  body: JSON.stringify(ollamaPart('It is 42.', true)),
  events: ['It ', 'is ', '42.'].map((text, at) => `${JSON.stringify(ollamaPart(text, at === 2))}\n`),
  failure: JSON.stringify({ error: 'not like this' }),
};

async function parts(stream, ask, sight, textOf) {
  for await (const event of stream) {
    sight.part(JSON.stringify(textOf === undefined ? event : textOf(event)));
    ask.onPart();
  }
}

/** SDKs generated for OpenAI's kind of API. */
const completions = (name, packageName, make) => ({
  name,
  packages: [packageName],
  kind: 'model',
  content: completion,
  lacks,
  open: async () => {
    const { default: Sdk } = await import(packageName);
    const clients = new Map();
    return {
      ask: async (ask, sight) => {
        // Made once for each address, as users make one for each provider.
        const key = `${ask.url} ${ask.retries}`;
        if (!clients.has(key)) clients.set(key, make(Sdk, ask));
        const client = clients.get(key);
        const { signal, timeoutMs: timeout } = ask;
        const options = { ...(signal === undefined ? {} : { signal }), ...(timeout === undefined ? {} : { timeout }) };
        const given = { model: 'm', messages };
        if (ask.reading === 'parts') {
          await parts(await client.chat.completions.create({ ...given, stream: true }, options), ask, sight);
          return;
        }
        const { data, response, request_id } = await client.chat.completions.create(given, options).withResponse();
        sight.head({ status: response.status, headers: [...response.headers], requestId: request_id });
        sight.result(data);
      },
    };
  },
});

export const models = [
  completions(
    'openai',
    'openai',
    (Sdk, { url, retries }) => new Sdk({ apiKey: 'sk-test', baseURL: url, maxRetries: retries }),
  ),
  completions(
    'groq',
    'groq-sdk',
    (Sdk, { url, retries }) => new Sdk({ apiKey: 'gsk-test', baseURL: url, maxRetries: retries }),
  ),
  completions(
    'together',
    'together-ai',
    (Sdk, { url, retries }) => new Sdk({ apiKey: 'k', baseURL: url, maxRetries: retries }),
  ),
  {
    ...completions('openai for Azure', 'openai', undefined),
    open: async () => {
      const { AzureOpenAI } = await import('openai');
      return {
        ask: async (ask, sight) => {
          const client = new AzureOpenAI({
            apiKey: 'k',
            endpoint: ask.url,
            deployment: 'd',
            apiVersion: '2024-10-21',
            maxRetries: ask.retries,
          });
          const { signal, timeoutMs: timeout } = ask;
          const options = {
            ...(signal === undefined ? {} : { signal }),
            ...(timeout === undefined ? {} : { timeout }),
          };
          const given = { model: 'm', messages };
          if (ask.reading === 'parts')
            await parts(await client.chat.completions.create({ ...given, stream: true }, options), ask, sight);
          else sight.result(await client.chat.completions.create(given, options));
        },
      };
    },
  },
  {
    name: 'ollama',
    packages: ['ollama'],
    kind: 'model',
    content: ollamaContent,
    lacks: { ...lacks, timeout: 'it takes no timeout', signal: 'it takes no signal' },
    open: async () => {
      const { Ollama } = await import('ollama');
      return {
        ask: async (ask, sight) => {
          const client = new Ollama({ host: ask.url });
          const given = { model: 'm', messages };
          if (ask.reading === 'parts') await parts(await client.chat({ ...given, stream: true }), ask, sight);
          else sight.result(await client.chat(given));
        },
      };
    },
  },
  {
    name: 'Hugging Face',
    packages: ['@huggingface/inference'],
    kind: 'model',
    content: completion,
    lacks: { ...lacks, timeout: 'it takes no timeout' },
    open: async () => {
      const { InferenceClient } = await import('@huggingface/inference');
      return {
        ask: async (ask, sight) => {
          const client = new InferenceClient('hf_test', { endpointUrl: ask.url });
          const options = ask.signal === undefined ? {} : { signal: ask.signal };
          const given = { model: 'm', messages };
          if (ask.reading === 'parts') await parts(client.chatCompletionStream(given, options), ask, sight);
          else sight.result(await client.chatCompletion(given, options));
        },
      };
    },
  },
  {
    name: 'openai, stream helper',
    packages: ['openai'],
    kind: 'model',
    // It always asks for a stream.
    content: { ...completion, type: 'text/event-stream', body: completion.events.join('') },
    lacks,
    open: async () => {
      const { default: Sdk } = await import('openai');
      return {
        ask: async (ask, sight) => {
          const client = new Sdk({ apiKey: 'sk-test', baseURL: ask.url, maxRetries: ask.retries });
          const options = {
            ...(ask.signal === undefined ? {} : { signal: ask.signal }),
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
          };
          const stream = client.chat.completions.stream({ model: 'm', messages }, options);
          stream.on('content', (delta) => {
            sight.part(delta);
            ask.onPart();
          });
          stream.on('error', (error) => sight.event(`error event: ${error.constructor.name}`));
          stream.on('abort', (error) => sight.event(`abort event: ${error.constructor.name}`));
          sight.result(await stream.finalChatCompletion());
        },
      };
    },
  },
  {
    name: 'anthropic',
    packages: ['@anthropic-ai/sdk'],
    kind: 'model',
    content: anthropicContent,
    lacks,
    open: async () => {
      const { default: Anthropic } = await import('@anthropic-ai/sdk');
      return {
        ask: async (ask, sight) => {
          const client = new Anthropic({ apiKey: 'sk-ant-test', baseURL: ask.url, maxRetries: ask.retries });
          const given = { model: 'm', max_tokens: 10, messages };
          const { signal, timeoutMs: timeout } = ask;
          const options = {
            ...(signal === undefined ? {} : { signal }),
            ...(timeout === undefined ? {} : { timeout }),
          };
          if (ask.reading === 'parts') {
            await parts(await client.messages.create({ ...given, stream: true }, options), ask, sight);
            return;
          }
          const { data, response, request_id } = await client.messages.create(given, options).withResponse();
          sight.head({ status: response.status, headers: [...response.headers], requestId: request_id });
          sight.result(data);
        },
      };
    },
  },
  {
    name: 'google genai',
    packages: ['@google/genai'],
    kind: 'model',
    content: googleContent,
    lacks,
    open: async () => {
      const { GoogleGenAI } = await import('@google/genai');
      return {
        ask: async (ask, sight) => {
          const client = new GoogleGenAI({ apiKey: 'AIza-test', httpOptions: { baseUrl: ask.url } });
          const config = {
            ...(ask.signal === undefined ? {} : { abortSignal: ask.signal }),
            ...(ask.timeoutMs === undefined ? {} : { httpOptions: { timeout: ask.timeoutMs } }),
          };
          const given = { model: 'm', contents: 'What is it?', config };
          if (ask.reading === 'parts') {
            await parts(await client.models.generateContentStream(given), ask, sight, ({ text }) => text);
            return;
          }
          const { sdkHttpResponse, text, usageMetadata } = await client.models.generateContent(given);
          sight.head({ headers: sdkHttpResponse?.headers });
          sight.result({ text, usageMetadata });
        },
      };
    },
  },
  {
    name: 'mistral',
    packages: ['@mistralai/mistralai'],
    kind: 'model',
    content: completion,
    lacks: { ...lacks, 'counted retries': 'it retries until a time is over, so how often is chance' },
    open: async () => {
      const { Mistral } = await import('@mistralai/mistralai');
      return {
        ask: async (ask, sight) => {
          const client = new Mistral({ apiKey: 'k', serverURL: ask.url });
          const options = {
            ...(ask.timeoutMs === undefined ? {} : { timeoutMs: ask.timeoutMs }),
            ...(ask.signal === undefined ? {} : { fetchOptions: { signal: ask.signal } }),
            ...(ask.retries === 0
              ? {}
              : {
                  retries: {
                    strategy: 'backoff',
                    backoff: { initialInterval: 5, maxInterval: 10, exponent: 1, maxElapsedTime: 60_000 },
                    retryConnectionErrors: false,
                  },
                }),
          };
          const given = { model: 'm', messages };
          if (ask.reading === 'parts') await parts(await client.chat.stream(given, options), ask, sight);
          else sight.result(await client.chat.complete(given, options));
        },
      };
    },
  },
  {
    name: 'cohere',
    packages: ['cohere-ai'],
    kind: 'model',
    content: cohereContent,
    lacks,
    open: async () => {
      const { CohereClientV2 } = await import('cohere-ai');
      return {
        ask: async (ask, sight) => {
          const client = new CohereClientV2({ token: 'k', environment: ask.url });
          const options = {
            maxRetries: ask.retries,
            ...(ask.timeoutMs === undefined ? {} : { timeoutInSeconds: ask.timeoutMs / 1000 }),
            ...(ask.signal === undefined ? {} : { abortSignal: ask.signal }),
          };
          const given = { model: 'm', messages };
          if (ask.reading === 'parts') await parts(await client.chatStream(given, options), ask, sight);
          else sight.result(await client.chat(given, options));
        },
      };
    },
  },
  ...[
    [
      'AI SDK, openai',
      '@ai-sdk/openai',
      completion,
      (module, baseURL) => module.createOpenAI({ apiKey: 'k', baseURL }).chat('m'),
    ],
    [
      'AI SDK, anthropic',
      '@ai-sdk/anthropic',
      anthropicContent,
      (module, baseURL) => module.createAnthropic({ apiKey: 'k', baseURL })('m'),
    ],
  ].map(([name, provider, content, modelOf]) => ({
    name,
    packages: ['ai', provider],
    kind: 'model',
    content,
    lacks,
    open: async () => {
      const { generateText, streamText } = await import('ai');
      const module = await import(provider);
      return {
        ask: async (ask, sight) => {
          const abortSignal = signalOf(ask);
          const given = {
            model: modelOf(module, ask.url),
            prompt: 'What is it?',
            maxRetries: ask.retries,
            ...(abortSignal === undefined ? {} : { abortSignal }),
          };
          if (ask.reading === 'parts') {
            const { fullStream } = streamText({ ...given, onError: () => undefined });
            for await (const event of fullStream) {
              if (event.type === 'error') throw event.error;
              if (event.type !== 'text-delta') sight.event(event.type);
              else {
                sight.part(event.text);
                ask.onPart();
              }
            }
            return;
          }
          const { text, finishReason, usage, response } = await generateText(given);
          sight.head({ headers: response.headers, id: response.id });
          sight.result({ text, finishReason, usage });
        },
      };
    },
  })),
  {
    name: 'LangChain, openai',
    packages: ['@langchain/openai', '@langchain/core'],
    kind: 'model',
    content: completion,
    lacks,
    open: async () => {
      const { ChatOpenAI } = await import('@langchain/openai');
      return {
        ask: async (ask, sight) => {
          const model = new ChatOpenAI({
            apiKey: 'k',
            model: 'm',
            maxRetries: ask.retries,
            ...(ask.timeoutMs === undefined ? {} : { timeout: ask.timeoutMs }),
            configuration: { baseURL: ask.url },
          });
          const options = ask.signal === undefined ? {} : { signal: ask.signal };
          if (ask.reading === 'parts') {
            await parts(await model.stream('What is it?', options), ask, sight, ({ content }) => content);
            return;
          }
          const { content, response_metadata, usage_metadata, id } = await model.invoke('What is it?', options);
          sight.result({ content, response_metadata, usage_metadata, id });
        },
      };
    },
  },
];
