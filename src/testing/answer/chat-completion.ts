// Answers in the form of OpenAI's chat completions, which many providers and local servers use.
import { noOptions } from '../../base/options/option-shape.ts';
import type { AnswerRequest } from '../../fake/outside.ts';
import type { AnswerContent, AnswerOptions, Said } from './content.ts';
import { bodyNames, callsOf, dataEvent, modelAnswer } from './model-answer.ts';
import type { AnswerForm, Answering, RequestBody } from './model-answer.ts';

const head = { id: 'chatcmpl-by-hand', created: 1_750_000_000 };

const form: AnswerForm = {
  door: 'chatCompletion',
  idOf: (number) => `call_${number}`,
  ...bodyNames,
  whole(answering) {
    const { said, text, model } = answering;
    const calls = callsOf(said).map((call) => ({ id: call.id, type: 'function', function: functionOf(call) }));
    const message = {
      role: 'assistant',
      content: text === '' && calls.length > 0 ? null : text,
      refusal: null,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
    const choice = { index: 0, message, logprobs: null, finish_reason: finishOf(answering) };
    return { ...head, object: 'chat.completion', model, choices: [choice], usage: usageOf(answering) };
  },
  events(answering, body) {
    const { said } = answering;
    const first = { role: 'assistant', content: callsOf(said).length === said.length ? null : '', refusal: null };
    const deltas = [first, ...said.flatMap((item, place) => deltasOf(item, callsOf(said.slice(0, place)).length))];
    const chunks = [
      ...deltas.map((delta) => ({ index: 0, delta, logprobs: null, finish_reason: null })),
      { index: 0, delta: {}, logprobs: null, finish_reason: finishOf(answering) },
    ].map((choice) => chunkOf(answering, [choice], wantsUsage(body) ? null : undefined));
    const last = wantsUsage(body) ? [chunkOf(answering, [], usageOf(answering))] : [];
    return [...[...chunks, ...last].map((chunk) => dataEvent(chunk)), 'data: [DONE]\n\n'];
  },
};

/**
 * An answer of OpenAI's chat completions: whole, or as a stream if the request asks for one. It is a function, as `http` of
 * `fixtureOf` and of `explore` takes it.
 *
 * ```ts
 * import { chatCompletion } from 'reprise/testing';
 *
 * const url = 'https://api.openai.com/v1/chat/completions';
 * const request = new Request(url, { method: 'POST', body: JSON.stringify({ model: 'gpt-5-mini', stream: true }) });
 * const response = await chatCompletion(['Hel', 'lo'])(request);
 * const events = (await response.text()).split('\n\n');
 * console.log(events.length); // 6
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function chatCompletion(content: AnswerContent, options: AnswerOptions = noOptions): AnswerRequest {
  return modelAnswer(form, content, options);
}

/** `before`: how many calls come before it. */
function deltasOf(item: Said, before: number): readonly object[] {
  if (item.kind === 'text') return item.parts.map((content) => ({ content }));
  return [{ tool_calls: [{ index: before, id: item.id, type: 'function', function: functionOf(item) }] }];
}

function functionOf({ tool, input }: Said & { readonly kind: 'call' }): object {
  return { name: tool, arguments: JSON.stringify(input) };
}

function chunkOf({ model }: Answering, choices: readonly object[], usage: object | null | undefined): object {
  const chunk = { ...head, object: 'chat.completion.chunk', model, choices };
  return usage === undefined ? chunk : { ...chunk, usage };
}

function wantsUsage({ stream_options: options }: RequestBody): boolean {
  return (options as { readonly include_usage?: unknown } | null | undefined)?.include_usage === true;
}

function finishOf({ finishReason, said }: Answering): string {
  return finishReason ?? (callsOf(said).length > 0 ? 'tool_calls' : 'stop');
}

function usageOf({ inputTokens, outputTokens }: Answering): object {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}
