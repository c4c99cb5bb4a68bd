// `/v1/responses`, as OpenAI answers it.
import { events, json, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { providerStream } from './provider-stream.ts';

interface ResponsesRequest {
  readonly model: string;
  readonly stream?: boolean;
  readonly input?: unknown;
  readonly tools?: readonly { readonly type: string; readonly name?: string }[];
}

interface Item {
  readonly type: string;
  readonly call_id?: string;
}

interface LastEvent {
  readonly response: { readonly output: readonly Item[] };
}

export function responsesAnswer(request: ResponsesRequest): Answer {
  const name = streamFor(request);
  if (name === undefined) return refusal(404, 'model_not_found', `The model \`${request.model}\` does not exist`);
  const lines = providerStream(name);
  return request.stream === true ? events('event-and-data', lines) : json(lastEvent(lines).response);
}

function streamFor({ model, tools = [], input }: ResponsesRequest): string | undefined {
  if (model === 'gpt-5-nano') return 'openai-responses-error';
  if (tools.some((tool) => tool.name === 'getInventory')) return loopStream(Array.isArray(input) ? input : []);
  if (tools.some((tool) => tool.type.startsWith('web_search'))) return 'openai-responses-web-search';
  if (tools.some((tool) => tool.type === 'custom')) return 'openai-responses-custom-tool';
  return undefined;
}

/** The first turn of the loop that has an unanswered call; the last turn, which calls nothing, if there is none. */
function loopStream(input: readonly Item[]): string {
  const answered = new Set(input.filter((item) => item.type === 'function_call_output').map((item) => item.call_id));
  const turns = ['openai-responses-tool-loop-1', 'openai-responses-tool-loop-2'];
  const isOpen = (name: string): boolean =>
    lastEvent(providerStream(name)).response.output.some(
      (item) => item.type === 'function_call' && !answered.has(item.call_id),
    );
  return turns.find(isOpen) ?? 'openai-responses-tool-loop-3';
}

function lastEvent(lines: readonly string[]): LastEvent {
  return JSON.parse(lines.at(-1) ?? '{}') as LastEvent;
}
