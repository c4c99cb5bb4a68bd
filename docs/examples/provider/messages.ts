// `/v1/messages`, as Anthropic answers it.
import { events, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { providerStream } from './provider-stream.ts';

interface MessagesRequest {
  readonly stream?: boolean;
  readonly tools?: readonly { readonly type?: string; readonly name?: string }[];
}

export function messagesAnswer({ stream, tools = [] }: MessagesRequest): Answer {
  if (stream !== true)
    return refusal(400, 'invalid_request_error', 'this provider only streams messages: set `stream`');
  if (tools.some((tool) => tool.type?.startsWith('web_search'))) return recorded('anthropic-web-search');
  return recorded(tools.length > 0 ? 'anthropic-tool-no-args' : 'anthropic-text');
}

function recorded(name: string): Answer {
  return events('event-and-data', providerStream(name));
}
