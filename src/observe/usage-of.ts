// How many tokens a recorded call of a model took. Nothing has to be counted while it is made: the journal has the answer.
import { httpExchange } from './http-exchange.ts';
import type { ObservableEffect } from './http-exchange.ts';
import { modelApis } from './model-api.ts';
import type { ModelAnswer, ModelApi } from './model-api.ts';
import { providerOfOrigin } from './model-provider.ts';

export interface ModelUsage extends ModelAnswer {
  /** As OpenTelemetry names it: `openai`, `anthropic`, `gcp.gemini`, … */
  readonly provider: string;
  readonly operation: ModelApi['operation'];
  readonly requestModel?: string;
}

/**
 * What an effect says about the call of a model that it was: which one, and how many tokens it took. Undefined for any
 * other effect. Known are the chat, responses and embeddings APIs of OpenAI and of those that speak like it, the messages
 * API of Anthropic, and `generateContent` of Google, streamed or not. Where an answer has no counts (it broke off, or the
 * call asked for none) there are none.
 *
 * ```ts
 * import { usageOf } from 'reprise/observe';
 *
 * const usage = usageOf({
 *   type: 'http',
 *   request: { method: 'POST', origin: 'https://api.openai.com', path: '/v1/responses', body: { json: { model: 'gpt-5' } } },
 *   outcome: { kind: 'value', value: { status: 200, body: '{"usage":{"input_tokens":9,"output_tokens":30}}' } },
 * });
 * console.log(usage?.requestModel, usage?.inputTokens, usage?.outputTokens); // gpt-5 9 30
 * ```
 */
export function usageOf(effect: ObservableEffect): ModelUsage | undefined {
  const exchange = httpExchange(effect);
  if (exchange === undefined || exchange.method !== 'POST') return undefined;
  const api = modelApis.find((one) => one.path.test(exchange.path) && one.isCall(exchange));
  if (api === undefined) return undefined;
  const requestModel = api.requestModel(exchange);
  return {
    provider: providerOfOrigin(exchange.origin) ?? api.provider,
    operation: api.operation,
    ...(requestModel === undefined ? {} : { requestModel }),
    ...(Object.assign({}, ...exchange.payloads().map((payload) => api.read(payload))) as ModelAnswer),
  };
}
