// An answer of a model as one that is faked: whole, or as a stream of events if the request asks for one.
import { checkOptions } from '../../base/options/option-shape.ts';
import type { AnswerRequest } from '../../fake/outside.ts';
import { answerOptions, checkContent, said } from './content.ts';
import type { AnswerContent, AnswerOptions, Said } from './content.ts';

/** What an answer is made of. */
export interface Answering {
  readonly model: string;
  readonly said: readonly Said[];
  readonly text: string;
  readonly finishReason: string | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** How a provider writes its answers. */
export interface AnswerForm {
  readonly door: string;
  readonly idOf: (number: number) => string;
  isStreamed(request: Request, body: RequestBody): boolean;
  modelOf(request: Request, body: RequestBody): string;
  whole(answering: Answering): object;
  /** The events of a stream, as they stand on the wire. */
  events(answering: Answering, body: RequestBody): readonly string[];
}

export interface RequestBody {
  readonly [name: string]: unknown;
}

export function modelAnswer(form: AnswerForm, content: AnswerContent, options: AnswerOptions): AnswerRequest {
  checkContent(form.door, content);
  checkOptions(answerOptions, options, form.door);
  const all = said(content, form.idOf);
  const text = all.flatMap((item) => (item.kind === 'text' ? [item.text] : [])).join('');
  const { inputTokens = 8, outputTokens = all.flatMap(partsOf).length, finishReason } = options;
  return async (request) => {
    const body = await bodyOf(request);
    const model = options.model ?? form.modelOf(request, body);
    const answering = { model, said: all, text, finishReason, inputTokens, outputTokens };
    return form.isStreamed(request, body)
      ? eventStream(form.events(answering, body))
      : Response.json(form.whole(answering));
  };
}

export function partsOf(item: Said): readonly string[] {
  return item.kind === 'text' ? item.parts : [JSON.stringify(item.input)];
}

export function callsOf(all: readonly Said[]): readonly (Said & { readonly kind: 'call' })[] {
  return all.filter((item) => item.kind === 'call');
}

/** The model and whether it streams, as most providers are told. */
export const bodyNames = {
  isStreamed: (_request: Request, body: RequestBody): boolean => body.stream === true,
  modelOf: (_request: Request, { model }: RequestBody): string => (typeof model === 'string' ? model : 'model'),
};

export function namedEvent(event: { readonly type: string }): string {
  return `event: ${event.type}\n${dataEvent(event)}`;
}

export function dataEvent(event: object, lineEnd = '\n'): string {
  return `data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`;
}

async function bodyOf(request: Request): Promise<RequestBody> {
  try {
    const body: unknown = await request.clone().json();
    return typeof body === 'object' && body !== null ? (body as RequestBody) : {};
  } catch {
    return {};
  }
}

/** Each event arrives by itself. */
function eventStream(events: readonly string[]): Response {
  const encoder = new TextEncoder();
  const left = events.values();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value, done } = left.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
}
