// Chunks of a chat completion, in the shape of the recorded ones. They are made from text or a tool call, and joined
// into one answer for a client that does not stream.
import { createHash } from 'node:crypto';

export interface ChatChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly { readonly index: 0; readonly delta: ChatDelta; readonly finish_reason: string | null }[];
  readonly usage?: unknown;
}

interface ChatDelta {
  readonly role?: 'assistant';
  readonly content?: string | null;
  readonly tool_calls?: readonly ToolCallDelta[];
}

interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments: string };
}

/** A text, one word per chunk. */
export function textChunks(request: { readonly model: string }, text: string): readonly string[] {
  const words = text.match(/\s*\S+/g) ?? [];
  const deltas = words.map((content) => ({ content }));
  return chunkLines(request, [{ role: 'assistant', content: '' }, ...deltas], 'stop');
}

/** One tool call; its arguments arrive in pieces, as they do from a provider. */
export function toolCallChunks(request: { readonly model: string }, name: string, given: unknown): readonly string[] {
  const pieces = JSON.stringify(given).match(/.{1,12}/gsu) ?? [];
  const id = `call_${digestOf(request)}`;
  const head: ToolCallDelta = { index: 0, id, type: 'function', function: { name, arguments: '' } };
  const deltas = pieces.map((piece) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] }));
  return chunkLines(request, [{ role: 'assistant', content: null, tool_calls: [head] }, ...deltas], 'tool_calls');
}

function chunkLines(request: { readonly model: string }, deltas: readonly ChatDelta[], end: string): readonly string[] {
  const base = {
    id: `chatcmpl-${digestOf(request)}`,
    object: 'chat.completion.chunk' as const,
    created: 1770933892,
    model: request.model,
  };
  const usage = { prompt_tokens: 16, completion_tokens: deltas.length, total_tokens: 16 + deltas.length };
  const chunks: readonly ChatChunk[] = [
    ...deltas.map((delta) => ({ ...base, choices: [{ index: 0 as const, delta, finish_reason: null }], usage: null })),
    { ...base, choices: [{ index: 0, delta: {}, finish_reason: end }], usage: null },
    { ...base, choices: [], usage },
  ];
  return chunks.map((chunk) => JSON.stringify(chunk));
}

/** An id derived from the request, so that the same request gets the same bytes. */
function digestOf(request: unknown): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex').slice(0, 24);
}

export function completionOf(chunks: readonly ChatChunk[]): unknown {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  const content = choices.map(({ delta }) => delta.content ?? '').join('');
  const calls = gatheredCalls(choices.flatMap(({ delta }) => delta.tool_calls ?? []));
  const { id, created, model } = chunks[0] as ChatChunk;
  const message = {
    role: 'assistant',
    content: content === '' ? null : content,
    refusal: null,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const finish = choices.findLast((choice) => choice.finish_reason !== null)?.finish_reason ?? 'stop';
  const choice = { index: 0, message, logprobs: null, finish_reason: finish };
  const usage = chunks.findLast((chunk) => chunk.usage != null)?.usage;
  return { id, object: 'chat.completion', created, model, choices: [choice], usage };
}

function gatheredCalls(deltas: readonly ToolCallDelta[]): readonly unknown[] {
  const heads = deltas.filter((delta) => delta.id !== undefined);
  return heads.map(({ id, index, function: { name } }) => {
    const pieces = deltas.filter((delta) => delta.index === index).map((delta) => delta.function.arguments);
    return { id, type: 'function', function: { name, arguments: pieces.join('') } };
  });
}
