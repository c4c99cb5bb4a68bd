// Answers in the form of Anthropic's messages.
import { noOptions } from '../../base/options/option-shape.ts';
import type { AnswerRequest } from '../../fake/outside.ts';
import type { AnswerContent, AnswerOptions, Said } from './content.ts';
import { bodyNames, callsOf, modelAnswer, namedEvent, partsOf } from './model-answer.ts';
import type { AnswerForm, Answering } from './model-answer.ts';

const form: AnswerForm = {
  door: 'anthropicMessage',
  idOf: (number) => `toolu_${number}`,
  ...bodyNames,
  whole(answering) {
    const { said, inputTokens, outputTokens } = answering;
    const usage = { ...usageOf(inputTokens), output_tokens: outputTokens };
    return { ...messageOf(answering), content: said.map(blockOf), ...stopOf(answering), usage };
  },
  events(answering) {
    const { said, inputTokens, outputTokens } = answering;
    const message = {
      ...messageOf(answering),
      ...{ content: [], stop_reason: null, stop_sequence: null },
      usage: { ...usageOf(inputTokens), output_tokens: 1 },
    };
    const usage = { ...usageOf(inputTokens), output_tokens: outputTokens };
    return [
      { type: 'message_start', message },
      ...said.flatMap(blockEvents),
      { type: 'message_delta', delta: stopOf(answering), usage },
      { type: 'message_stop' },
    ].map(namedEvent);
  },
};

/**
 * An answer of Anthropic's messages: whole, or as a stream if the request asks for one.
 *
 * ```ts
 * import { anthropicMessage, toolCall } from 'reprise/testing';
 *
 * const request = new Request('https://api.anthropic.com/v1/messages', { method: 'POST', body: '{}' });
 * const response = await anthropicMessage(['Let me look.', toolCall('weather', { city: 'Oslo' })])(request);
 * const { content, stop_reason } = await response.json();
 * console.log(content.length, stop_reason); // 2 tool_use
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function anthropicMessage(content: AnswerContent, options: AnswerOptions = noOptions): AnswerRequest {
  return modelAnswer(form, content, options);
}

function messageOf({ model }: Answering): object {
  return { id: 'msg_by_hand', type: 'message', role: 'assistant', model };
}

function blockOf(item: Said): object {
  if (item.kind === 'text') return { type: 'text', text: item.text };
  return { type: 'tool_use', id: item.id, name: item.tool, input: item.input };
}

function blockEvents(item: Said, index: number): readonly { readonly type: string }[] {
  const isText = item.kind === 'text';
  const empty = isText ? { type: 'text', text: '' } : { ...blockOf(item), input: {} };
  const deltas = partsOf(item).map((part) =>
    isText ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part },
  );
  return [
    { type: 'content_block_start', index, content_block: empty } as { readonly type: string },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index } as { readonly type: string },
  ];
}

function stopOf({ said, finishReason }: Answering): object {
  const usual = callsOf(said).length > 0 ? 'tool_use' : 'end_turn';
  return { stop_reason: finishReason ?? usual, stop_sequence: null };
}

function usageOf(inputTokens: number): object {
  return { input_tokens: inputTokens, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
}
