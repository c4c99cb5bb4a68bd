// Responses as `fetch` gives them, over a body that is recorded as the node takes it.
import { STATUS_CODES } from 'node:http';
import type { Value } from '../../../base/value.ts';
import type { AnswerRecord } from '../answer-record.ts';
import { readRecordedAnswer, statusesWithoutBody } from '../recorded-answer.ts';
import type { RecordedAnswer } from '../recorded-answer.ts';

export interface Tap {
  /** Whether the caller (or the end of its attempt) stopped the exchange: then a broken body was no accident. */
  readonly wasStopped: () => boolean;
  readonly done: () => void;
}

type Look = Pick<Response, 'url' | 'redirected' | 'type' | 'headers'>;

export function tappedResponse(native: Response, record: AnswerRecord, tap: Tap): Response {
  if (native.body === null) {
    record.complete();
    tap.done();
    return native;
  }
  const { status, statusText, headers } = native;
  return dressed(new Response(tappedBody(native.body, record, tap), { status, statusText, headers }), native);
}

/**
 * Reads from the source only what is asked for (the mark of nothing buffered), hands it on as it is, and passes a cancel
 * or an error on at once: so the server sees the node, and not us.
 */
function tappedBody(source: ReadableStream<Uint8Array>, record: AnswerRecord, tap: Tap): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const broken = (error: unknown): void => {
    if (tap.wasStopped()) record.cancel();
    else record.break(error);
    tap.done();
  };
  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        // An error shows at once, as it does without us: not only when the node reads next.
        reader.closed.catch((error: unknown) => {
          broken(error);
          controller.error(error);
        });
      },
      async pull(controller) {
        const part = await reader.read();
        if (!part.done) {
          record.take(part.value);
          controller.enqueue(part.value as Uint8Array<ArrayBuffer>);
          return;
        }
        record.complete();
        tap.done();
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel(reason) {
        record.cancel();
        tap.done();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A Response made from an answer in the journal. */
export function answeredResponse(value: Value, lengths: readonly number[] | undefined, url: string): Response {
  const answer = readRecordedAnswer(value, lengths);
  const { status } = answer;
  const headers = new Headers(answer.headers);
  const body = statusesWithoutBody.has(status) ? null : recordedBody(answer);
  const response = new Response(body, { status, statusText: STATUS_CODES[status] ?? '', headers });
  return dressed(response, { url, redirected: false, type: 'basic', headers: response.headers });
}

function recordedBody(answer: RecordedAnswer): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream(
    {
      type: 'bytes',
      pull(controller) {
        const part = answer.parts[next];
        next += 1;
        if (part !== undefined) return controller.enqueue(part as Uint8Array<ArrayBuffer>);
        if (answer.end.kind === 'error') return controller.error(answer.end.error);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    },
    { highWaterMark: 0 },
  );
}

/** What only `fetch` itself can set on a Response, set by hand, on its clones too. */
function dressed(response: Response, look: Look): Response {
  const clone = (): Response => dressed(Response.prototype.clone.call(response), look);
  for (const [name, value] of Object.entries({
    url: look.url,
    redirected: look.redirected,
    type: look.type,
    headers: look.headers,
    clone,
  })) {
    Object.defineProperty(response, name, { value, configurable: true, writable: name === 'clone' });
  }
  return response;
}
