// Answers in the form of Google's generateContent.
import { noOptions } from '../../base/options/option-shape.ts';
import type { AnswerRequest } from '../../fake/outside.ts';
import type { AnswerContent, AnswerOptions, Said } from './content.ts';
import { dataEvent, modelAnswer } from './model-answer.ts';
import type { AnswerForm, Answering } from './model-answer.ts';

const form: AnswerForm = {
  door: 'googleContent',
  idOf: (number) => `call_${number}`,
  isStreamed: ({ url }) => new URL(url).pathname.endsWith(':streamGenerateContent'),
  modelOf: ({ url }) => /\/models\/([^/:]+):/.exec(new URL(url).pathname)?.[1] ?? 'model',
  whole: (answering) => answerOf(answering, answering.said.map(partOf), true),
  events(answering) {
    const parts = answering.said.flatMap((item) =>
      item.kind === 'text' ? item.parts.map((text) => ({ text })) : [partOf(item)],
    );
    // The reason why it ended comes with an empty text.
    return [...parts.map((part) => answerOf(answering, [part], false)), answerOf(answering, [{ text: '' }], true)].map(
      (event) => dataEvent(event, '\r\n'),
    );
  },
};

/**
 * An answer of Google's `generateContent`, or of `streamGenerateContent` if the request asks that.
 *
 * ```ts
 * import { googleContent } from 'reprise/testing';
 *
 * const url = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent';
 * const response = await googleContent('three')(new Request(url, { method: 'POST', body: '{}' }));
 * const { candidates, modelVersion } = await response.json();
 * console.log(candidates[0].content.parts, modelVersion); // [ { text: 'three' } ] gemini-3-pro
 * ```
 *
 * @throws RepriseError `option-invalid`
 */
export function googleContent(content: AnswerContent, options: AnswerOptions = noOptions): AnswerRequest {
  return modelAnswer(form, content, options);
}

function partOf(item: Said): object {
  return item.kind === 'text' ? { text: item.text } : { functionCall: { name: item.tool, args: item.input } };
}

function answerOf(
  { model, finishReason, inputTokens, outputTokens }: Answering,
  parts: readonly object[],
  isLast: boolean,
): object {
  const content = { parts, role: 'model' };
  const finish = isLast ? { finishReason: finishReason ?? 'STOP' } : {};
  const usageMetadata = {
    promptTokenCount: inputTokens,
    candidatesTokenCount: outputTokens,
    totalTokenCount: inputTokens + outputTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: inputTokens }],
  };
  const responseId = 'by-hand';
  return { candidates: [{ content, ...finish, index: 0 }], usageMetadata, modelVersion: model, responseId };
}
