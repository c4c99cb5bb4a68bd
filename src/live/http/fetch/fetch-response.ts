// Responses like those of `fetch`, over a recorded answer.
import { hasBody } from '../answer/recorded-answer.ts';
import type { RecordedAnswer, RecordedHead } from '../answer/recorded-answer.ts';
import type { Reading } from '../exchange.ts';

export interface AskedFetch {
  readonly method: string;
  readonly url: string;
  /** Each of them stops what is still to come of the body. */
  readonly signals: readonly AbortSignal[];
  /** Called with the error of the body. */
  readonly delivers: () => void;
  /** Called with what says what was done with the body. */
  readonly watch: (reading: () => Reading) => void;
}

export function answeredResponse(head: RecordedHead, answer: RecordedAnswer, asked: AskedFetch): Response {
  const body = hasBody(asked.method, head.status) ? recordedBody(answer, asked) : null;
  const url = new URL(head.url ?? asked.url, asked.url);
  url.hash = '';
  const response = new Response(body);
  fillHeaders(response.headers, head);
  return dressed(response, head, url.href);
}

function fillHeaders(headers: Headers, head: RecordedHead): void {
  for (const [name, value] of head.headers) {
    // Several of one name were joined. Headers would trim a value that ends with an empty one of them.
    const filled = value.replace(/(?:, )+$/, '');
    headers.append(name, filled);
    for (let left = value.length - filled.length; left > 0; left -= 2) headers.append(name, '');
  }
}

function recordedBody(answer: RecordedAnswer, asked: AskedFetch): ReadableStream<Uint8Array> {
  let next = 0;
  let unfollow: (() => void) | undefined;
  let isStopped = false;
  let isRead = false;
  asked.watch(() => (isRead ? 'read' : isStopped ? 'stopped unread' : 'unread'));
  const give = (controller: ReadableByteStreamController): void => {
    if (isStopped) return;
    const part = answer.parts[next];
    next += 1;
    if (part !== undefined) {
      controller.enqueue(part as Uint8Array<ArrayBuffer>);
      return;
    }
    unfollow?.();
    if (answer.end.kind === 'broken') {
      asked.delivers();
      controller.error(answer.end.error ?? new TypeError('terminated'));
      return;
    }
    controller.close();
    controller.byobRequest?.respond(0);
  };
  const readOn = (controller: ReadableByteStreamController): Promise<void> => {
    answer.pace?.past((error) => {
      unfollow?.();
      if (!isStopped) controller.error(error);
    });
    return new Promise(() => undefined);
  };
  return new ReadableStream(
    {
      type: 'bytes',
      start(controller) {
        unfollow = onAbort(asked.signals, (reason) => {
          isStopped = true;
          answer.pace?.leave();
          controller.error(reason);
        });
      },
      pull(controller) {
        isRead = true;
        if (next >= answer.parts.length && answer.end.kind === 'silent') return readOn(controller);
        const isError = next >= answer.parts.length && answer.end.kind === 'broken';
        const pace = answer.pace?.next(isError ? 'error' : 'part');
        return pace === undefined ? give(controller) : pace.then(() => give(controller));
      },
      cancel() {
        isStopped = true;
        unfollow?.();
        answer.pace?.leave();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Calls back once, as soon as one of the signals has aborted. The returned function stops that. */
export function onAbort(signals: readonly AbortSignal[], callback: (reason: unknown) => void): () => void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined) {
    callback(aborted.reason);
    return () => undefined;
  }
  const stop = (event: Event): void => {
    unfollow();
    callback((event.target as AbortSignal).reason);
  };
  const unfollow = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', stop);
  };
  for (const signal of signals) signal.addEventListener('abort', stop);
  return unfollow;
}

/** Sets by hand what only `fetch` itself can set on a Response and on its clones. */
function dressed(response: Response, head: RecordedHead, url: string): Response {
  const { status, statusText, redirected, type } = head;
  const clone = (): Response => dressed(Response.prototype.clone.call(response), head, url);
  const look = { status, statusText, ok: status >= 200 && status <= 299, url, redirected, type };
  for (const [name, value] of Object.entries(look))
    Object.defineProperty(response, name, { value, configurable: true });
  Object.defineProperty(response, 'clone', { value: clone, configurable: true, writable: true });
  // The headers of an answer from the network cannot be changed.
  const refuse = (): never => {
    throw new TypeError('immutable');
  };
  for (const name of ['append', 'delete', 'set']) {
    Object.defineProperty(response.headers, name, { value: refuse, configurable: true, writable: true });
  }
  return response;
}
