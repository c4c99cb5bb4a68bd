// What a model says, whatever the form in which its provider sends it.
import { filledText, wholeNumber } from '../../base/options/option-kind.ts';
import { RepriseError } from '../../base/error.ts';
import { optionShape } from '../../base/options/option-shape.ts';

/** A call of a tool that a model asks for. */
export interface ToolCall {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly id?: string;
}

/** A text, a call of a tool, or several of them in order. Texts that follow one another are the parts of one text. */
export type AnswerContent = string | ToolCall | readonly (string | ToolCall)[];

/**
 * Details of a made-up answer of a model. Give them where the code under test looks at them, such as at a stop reason
 * or at token counts.
 */
export interface AnswerOptions {
  /** The model that answers; by default the one that the request asks for. */
  readonly model?: string;
  /** Why the model stopped, in the words of its provider, such as `length` or `max_tokens`. */
  readonly finishReason?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
}

const tokens = wholeNumber({ least: 0 });

export const answerOptions = optionShape<AnswerOptions>('model answer', {
  model: filledText,
  finishReason: filledText,
  inputTokens: tokens,
  outputTokens: tokens,
});

/** A text in the parts in which it is streamed, or a call with its id. */
export type Said =
  | { readonly kind: 'text'; readonly text: string; readonly parts: readonly string[] }
  | { readonly kind: 'call'; readonly tool: string; readonly input: ToolCall['input']; readonly id: string };

/** `idOf`: the id of a call that has none, by its number. */
export function said(content: AnswerContent, idOf: (number: number) => string): readonly Said[] {
  const items = typeof content === 'string' ? words(content) : 'tool' in content ? [content] : content;
  const all: Said[] = [];
  let calls = 0;
  for (const item of items) {
    const last = all.at(-1);
    if (typeof item !== 'string') {
      calls += 1;
      all.push({ kind: 'call', tool: item.tool, input: item.input, id: item.id ?? idOf(calls) });
    } else if (last?.kind === 'text') {
      all[all.length - 1] = { kind: 'text', text: last.text + item, parts: [...last.parts, item] };
    } else all.push({ kind: 'text', text: item, parts: [item] });
  }
  return all;
}

/** Where nobody says so, a stream has a part for each word. */
function words(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? [''];
}

/** @throws RepriseError `option-invalid` */
export function checkContent(door: string, content: unknown): void {
  const items: readonly unknown[] = Array.isArray(content) ? content : [content];
  if (items.length > 0 && items.every((item) => typeof item === 'string' || isToolCall(item))) return;
  throw new RepriseError('option-invalid', `${door}: argument "content" is not what a model can say`, {
    nextStep: "Give a text, toolCall('name', { … }), or a list of both.",
    fields: { option: 'content' },
  });
}

function isToolCall(item: unknown): boolean {
  if (typeof item !== 'object' || item === null) return false;
  const { tool, input } = item as Partial<ToolCall>;
  return typeof tool === 'string' && typeof input === 'object' && input !== null;
}

/**
 * A call of a tool, as content of `chatCompletion`, `openaiResponse`, `anthropicMessage` or `googleContent`.
 *
 * ```ts
 * import { chatCompletion, toolCall } from 'reprise/testing';
 *
 * const request = new Request('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{}' });
 * const response = await chatCompletion(toolCall('weather', { city: 'Oslo' }))(request);
 * const { choices } = await response.json();
 * console.log(choices[0].message.tool_calls[0].function); // { name: 'weather', arguments: '{"city":"Oslo"}' }
 * ```
 */
export function toolCall(tool: string, input: ToolCall['input'] = {}, id?: string): ToolCall {
  return { tool, input, ...(id === undefined ? {} : { id }) };
}
