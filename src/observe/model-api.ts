// The APIs of model providers, as data: how to recognize a call by its request, and where its answer reports the tokens
// it used. Input counts everything sent, cached tokens included; output counts everything billed as output.
import { fieldsOf } from './http-exchange.ts';
import type { Fields, HttpExchange } from './http-exchange.ts';

export interface TokenCounts {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** The parts of the input that were read from a cache, and written to one. */
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

/** What one payload says; later payloads win. */
export interface ModelAnswer extends TokenCounts {
  readonly responseModel?: string;
  readonly responseId?: string;
}

export interface ModelApi {
  readonly provider: string;
  readonly operation: 'chat' | 'generate_content' | 'embeddings';
  readonly path: RegExp;
  isCall(exchange: HttpExchange): boolean;
  requestModel(exchange: HttpExchange): string | undefined;
  read(payload: Fields): ModelAnswer;
}

const sentModel = ({ sent, path }: HttpExchange): string | undefined =>
  typeof sent.model === 'string' ? sent.model : /\/deployments\/([^/]+)\//.exec(path)?.[1];
const hasModel = (exchange: HttpExchange): boolean => sentModel(exchange) !== undefined;

export const modelApis: readonly ModelApi[] = [
  {
    provider: 'openai',
    operation: 'chat',
    path: /\/chat\/completions$/,
    isCall: hasModel,
    requestModel: sentModel,
    read: readCompletion,
  },
  {
    provider: 'openai',
    operation: 'embeddings',
    path: /\/embeddings$/,
    isCall: hasModel,
    requestModel: sentModel,
    read: readCompletion,
  },
  {
    provider: 'openai',
    operation: 'chat',
    path: /\/responses$/,
    isCall: hasModel,
    requestModel: sentModel,
    read: (payload) => readResponse(fieldsOf(payload.response) ?? payload),
  },
  {
    provider: 'anthropic',
    operation: 'chat',
    path: /\/messages$/,
    isCall: (exchange) => hasModel(exchange) && Array.isArray(exchange.sent.messages),
    requestModel: sentModel,
    read: readMessage,
  },
  {
    provider: 'gcp.gemini',
    operation: 'generate_content',
    path: /\/models\/[^/:]+:(?:streamGenerateContent|generateContent)$/,
    isCall: () => true,
    requestModel: ({ path }) => /\/models\/([^/:]+):/.exec(path)?.[1],
    read: readGenerated,
  },
];

function readCompletion(payload: Fields): ModelAnswer {
  const usage = fieldsOf(payload.usage);
  return answer(payload.model, payload.id, {
    inputTokens: count(usage?.prompt_tokens),
    // An embedding has no output, and its answer does not mention it.
    outputTokens: count(usage?.completion_tokens) ?? (usage === undefined ? undefined : 0),
    cacheReadTokens: count(fieldsOf(usage?.prompt_tokens_details)?.cached_tokens),
  });
}

function readResponse(response: Fields): ModelAnswer {
  const usage = fieldsOf(response.usage);
  const details = fieldsOf(usage?.input_tokens_details);
  return answer(response.model, response.id, {
    inputTokens: count(usage?.input_tokens),
    outputTokens: count(usage?.output_tokens),
    cacheReadTokens: count(details?.cached_tokens),
    cacheWriteTokens: count(details?.cache_write_tokens),
  });
}

/** `message_start` holds the message, `message_delta` the counts so far; an unstreamed answer holds both. */
function readMessage(payload: Fields): ModelAnswer {
  const message = fieldsOf(payload.message) ?? payload;
  const usage = fieldsOf(message.usage);
  const cacheReadTokens = count(usage?.cache_read_input_tokens);
  const cacheWriteTokens = count(usage?.cache_creation_input_tokens);
  const fresh = count(usage?.input_tokens);
  return answer(message.model, message.id, {
    inputTokens: fresh === undefined ? undefined : fresh + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    outputTokens: count(usage?.output_tokens),
    cacheReadTokens,
    cacheWriteTokens,
  });
}

function readGenerated(payload: Fields): ModelAnswer {
  const usage = fieldsOf(payload.usageMetadata);
  const prompt = count(usage?.promptTokenCount);
  const output = count(usage?.candidatesTokenCount);
  const thoughts = count(usage?.thoughtsTokenCount);
  return answer(payload.modelVersion, payload.responseId, {
    inputTokens: prompt === undefined ? undefined : prompt + (count(usage?.toolUsePromptTokenCount) ?? 0),
    outputTokens: output === undefined && thoughts === undefined ? undefined : (output ?? 0) + (thoughts ?? 0),
    cacheReadTokens: count(usage?.cachedContentTokenCount),
  });
}

function answer(model: unknown, id: unknown, counts: { readonly [Name in keyof TokenCounts]: number | undefined }) {
  const said = {
    ...counts,
    responseModel: typeof model === 'string' ? model : undefined,
    responseId: typeof id === 'string' ? id : undefined,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as ModelAnswer;
}

function count(given: unknown): number | undefined {
  return typeof given === 'number' && Number.isFinite(given) && given >= 0 ? given : undefined;
}
