// How many tokens a recorded model call used. Nothing is counted during the call: the journal has the answer.
import { httpExchange } from './http-exchange.ts';
import type { ObservableEffect } from './http-exchange.ts';
import { modelApis } from './model-api.ts';
import type { ModelAnswer, ModelApi } from './model-api.ts';
import { providerOfOrigin } from './model-provider.ts';

/**
 * What `usageOf` found out about one call of a model. Counts that the answer does not give are undefined, never
 * estimated.
 */
export interface ModelUsage extends ModelAnswer {
  /** The provider's name in OpenTelemetry: `openai`, `anthropic`, `gcp.gemini`, … */
  readonly provider: string;
  readonly operation: ModelApi['operation'];
  readonly requestModel?: string;
}

/**
 * Reads a model call from an effect: which model, and how many tokens it used. Returns undefined for any other effect.
 *
 * It knows the chat, responses and embeddings APIs of OpenAI and of compatible providers, the messages API of
 * Anthropic, and `generateContent` of Google, streamed or not. An answer without counts (it broke off, or the call did
 * not ask for them) yields none.
 *
 * ```ts
 * import { usageOf } from 'reprise/observe';
 *
 * const usage = usageOf({
 *   type: 'http',
 *   request: { method: 'POST', origin: 'https://api.openai.com', path: '/v1/responses', body: { json: { model: 'gpt-5'
 *   } } }, outcome: { kind: 'value', value: { status: 200, body: '{"usage":{"input_tokens":9,"output_tokens":30}}' } },
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
