// Chooses the endpoint that answers a request.
import { json, refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import { chatAnswer, chatModels } from './chat-completions.ts';
import type { ChatRequest } from './chat-completions.ts';
import { deskModel, factsOf } from './desk.ts';
import { generateContentAnswer, generateContentPath } from './generate-content.ts';
import { messagesAnswer } from './messages.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { responsesAnswer } from './responses.ts';

export function answerTo(request: RecordedRequest): Answer {
  const { method, path, query, body } = request;
  if (method === 'GET' && path === '/v1/models') return modelList();
  if (method !== 'POST') return refusal(404, 'not_found_error', `${method} ${path} is not an endpoint here`);
  if (typeof body !== 'object' || body === null) {
    return refusal(400, 'invalid_request_error', 'the body must be a JSON object');
  }
  switch (path) {
    case '/v1/chat/completions':
      return chatAnswer(body as ChatRequest);
    case '/v1/responses':
      return responsesAnswer(body as Parameters<typeof responsesAnswer>[0]);
    case '/v1/messages':
      return messagesAnswer(body);
    case '/telemetry-free/lookup':
      return lookupAnswer(body);
    default:
      if (generateContentPath.test(path)) return generateContentAnswer(body, query.alt);
      return refusal(404, 'not_found_error', `POST ${path} is not an endpoint here`);
  }
}

function modelList(): Answer {
  const models = [...Object.keys(chatModels), deskModel];
  const data = models.map((id) => ({ id, object: 'model', created: 1770770843, owned_by: 'loopback' }));
  return json({ object: 'list', data });
}

/** A source besides the model, with its own credential in the body. */
function lookupAnswer(body: { readonly topic?: unknown; readonly metadata?: { readonly api_key?: unknown } }): Answer {
  const { topic, metadata } = body;
  if (typeof topic !== 'string') return refusal(400, 'invalid_request_error', '`topic` must be a string');
  if (typeof metadata?.api_key !== 'string')
    return refusal(401, 'authentication_error', '`metadata.api_key` is missing');
  return json({ topic, facts: factsOf(topic) });
}
