// Responses like those of `fetch`: over a body that is recorded as the node reads it, or over a recorded one.
import { STATUS_CODES } from 'node:http';
import type { Exchange } from '../exchange.ts';
import { statusesWithoutBody } from '../recorded-answer.ts';
import type { RecordedAnswer } from '../recorded-answer.ts';

type Look = Pick<Response, 'url' | 'redirected' | 'type' | 'headers'>;

/** `ended` is called when nothing more comes of the body, or the node wants none of it. */
export function tappedResponse(native: Response, exchange: Exchange, ended: () => void): Response {
  if (native.body === null) {
    exchange.complete();
    ended();
    return native;
  }
  const { status, statusText, headers } = native;
  return dressed(new Response(tappedBody(native.body, exchange, ended), { status, statusText, headers }), native);
}

/**
 * Reads from the source only on demand (a high-water mark of 0), passes on what it reads unchanged, and forwards a cancel
 * or an error at once. So the server sees the pace of the node, not ours.
 */
function tappedBody(
  source: ReadableStream<Uint8Array>,
  exchange: Exchange,
  ended: () => void,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        // An error shows at once, as it does without us, rather than on the next read.
        reader.closed.catch((error: unknown) => {
          exchange.breakOff(error);
          ended();
          controller.error(error);
        });
      },
      async pull(controller) {
        const part = await reader.read();
        if (!part.done) {
          exchange.take(part.value);
          controller.enqueue(part.value as Uint8Array<ArrayBuffer>);
          return;
        }
        exchange.complete();
        ended();
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel(reason) {
        exchange.cancel();
        ended();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A Response with an answer from the journal. `delivers` is called with each part of its body. */
export function answeredResponse(answer: RecordedAnswer, url: string, delivers: () => void): Response {
  const { status } = answer;
  const headers = new Headers(answer.headers);
  const body = statusesWithoutBody.has(status) ? null : recordedBody(answer, delivers);
  const response = new Response(body, { status, statusText: STATUS_CODES[status] ?? '', headers });
  return dressed(response, { url, redirected: false, type: 'basic', headers: response.headers });
}

function recordedBody(answer: RecordedAnswer, delivers: () => void): ReadableStream<Uint8Array> {
  let next = 0;
  const give = (controller: ReadableByteStreamController): Promise<never> | undefined => {
    const part = answer.parts[next];
    next += 1;
    if (part !== undefined || answer.end.kind === 'error') delivers();
    if (part !== undefined) controller.enqueue(part as Uint8Array<ArrayBuffer>);
    else if (answer.end.kind === 'error') controller.error(answer.end.error);
    else if (answer.end.kind === 'open') return new Promise(() => undefined);
    else {
      controller.close();
      controller.byobRequest?.respond(0);
    }
    return undefined;
  };
  return new ReadableStream(
    {
      type: 'bytes',
      pull(controller) {
        const pace = answer.pace?.next();
        return pace === undefined ? give(controller) : pace.then(() => give(controller));
      },
      cancel: () => answer.pace?.leave(),
    },
    { highWaterMark: 0 },
  );
}

/** Sets by hand what only `fetch` itself can set on a Response and on its clones. */
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
