// `/v1/chat/completions`, as OpenAI and Groq answer it.
import { events, json, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { completionOf } from './chat-chunk.ts';
import type { ChatChunk } from './chat-chunk.ts';
import { answerOfDesk, deskModel } from './desk.ts';
import { providerStream } from './provider-stream.ts';

/** The models with a recorded stream, which they answer whatever the prompt. */
export const chatModels: Readonly<Record<string, string>> = {
  'gpt-4.1-nano': 'openai-chat-text',
  'qwen/qwen3-32b': 'groq-reasoning',
  'llama-3.3-70b-versatile': 'groq-tool-call',
};

export interface ChatRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly messages: readonly { readonly role: string; readonly content?: unknown }[];
  readonly tools?: readonly { readonly function?: { readonly name: string } }[];
}

export function chatAnswer(request: ChatRequest): Answer {
  const lines = chatLines(request);
  if (lines === undefined) return refusal(404, 'model_not_found', `The model \`${request.model}\` does not exist`);
  if (request.stream === true) return events('data', [...lines, '[DONE]']);
  return json(completionOf(lines.map((line) => JSON.parse(line) as ChatChunk)));
}

function chatLines(request: ChatRequest): readonly string[] | undefined {
  if (request.model === deskModel) return answerOfDesk(request);
  const stream = chatModels[request.model];
  return stream === undefined ? undefined : providerStream(stream);
}
