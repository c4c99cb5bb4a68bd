// Answers in the form of OpenAI's responses.
import { noOptions } from '../../base/options/option-shape.ts';
import type { AnswerRequest } from '../../fake/outside.ts';
import type { AnswerContent, AnswerOptions, Said } from './content.ts';
import { bodyNames, modelAnswer, namedEvent, partsOf } from './model-answer.ts';
import type { AnswerForm, Answering } from './model-answer.ts';

const form: AnswerForm = {
  door: 'openaiResponse',
  idOf: (number) => `call_${number}`,
  ...bodyNames,
  whole: (answering) => endedResponse(answering),
  events(answering) {
    const begun = {
      ...responseOf(answering),
      status: 'in_progress',
      incomplete_details: null,
      output: [],
      usage: null,
    };
    const ended = endedResponse(answering);
    const events: readonly StreamEvent[] = [
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      ...answering.said.flatMap(itemEvents),
      { type: answering.finishReason === undefined ? 'response.completed' : 'response.incomplete', response: ended },
    ];
    return events.map((event, place) => namedEvent({ ...event, sequence_number: place } as StreamEvent));
  },
};

interface StreamEvent {
  readonly type: string;
  readonly [name: string]: unknown;
}

/**
 * An answer of OpenAI's responses: whole, or as a stream if the request asks for one. With a `finishReason` it is incomplete.
 *
 * ```ts
 * import { openaiResponse } from 'reprise/testing';
 *
 * const request = new Request('https://api.openai.com/v1/responses', { method: 'POST', body: '{"model":"gpt-5-mini"}' });
 * const { output, status } = await (await openaiResponse('Hello.')(request)).json();
 * console.log(output[0].content[0].text, status); // Hello. completed
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function openaiResponse(content: AnswerContent, options: AnswerOptions = noOptions): AnswerRequest {
  return modelAnswer(form, content, options);
}

function responseOf({ model }: Answering): object {
  return {
    ...{ id: 'resp_by_hand', object: 'response', created_at: 1_750_000_000, model, error: null, instructions: null },
    ...{ max_output_tokens: null, metadata: {}, parallel_tool_calls: true, previous_response_id: null },
    ...{ temperature: 1, top_p: 1, tool_choice: 'auto', tools: [], text: { format: { type: 'text' } } },
  };
}

function endedResponse(answering: Answering): object {
  const { said, finishReason, inputTokens, outputTokens } = answering;
  const isWhole = finishReason === undefined;
  return {
    ...responseOf(answering),
    status: isWhole ? 'completed' : 'incomplete',
    incomplete_details: isWhole ? null : { reason: finishReason },
    output: said.map((item, index) => itemOf(item, index, 'completed')),
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + outputTokens,
    },
  };
}

function itemEvents(item: Said, index: number): readonly StreamEvent[] {
  const place = { item_id: itemId(item, index), output_index: index };
  const middle = item.kind === 'text' ? textEvents(item, place) : callEvents(item, place);
  return [
    { type: 'response.output_item.added', output_index: index, item: itemOf(item, index, 'in_progress') },
    ...middle,
    { type: 'response.output_item.done', output_index: index, item: itemOf(item, index, 'completed') },
  ];
}

function textEvents(item: Said & { readonly kind: 'text' }, at: object): readonly StreamEvent[] {
  const place = { ...at, content_index: 0 };
  return [
    { type: 'response.content_part.added', ...place, part: textPart('') },
    ...item.parts.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
    { type: 'response.output_text.done', ...place, text: item.text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: textPart(item.text) },
  ];
}

function callEvents(item: Said & { readonly kind: 'call' }, place: object): readonly StreamEvent[] {
  return [
    ...partsOf(item).map((delta) => ({ type: 'response.function_call_arguments.delta', ...place, delta })),
    { type: 'response.function_call_arguments.done', ...place, arguments: JSON.stringify(item.input) },
  ];
}

function itemOf(item: Said, index: number, status: 'in_progress' | 'completed'): object {
  const id = itemId(item, index);
  const isDone = status === 'completed';
  if (item.kind === 'text')
    return { id, type: 'message', status, content: isDone ? [textPart(item.text)] : [], role: 'assistant' };
  const given = isDone ? JSON.stringify(item.input) : '';
  return { id, type: 'function_call', status, arguments: given, call_id: item.id, name: item.tool };
}

function itemId({ kind }: Said, index: number): string {
  return `${kind === 'text' ? 'msg' : 'fc'}_${index}`;
}

function textPart(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}
