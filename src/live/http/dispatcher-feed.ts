// Feeds a Response to whoever asked a dispatcher for it, at the pace at which it takes it.
import { Readable } from 'node:stream';
import { replaceMethod } from './method-replacement.ts';

/** What undici calls on a handler; the older of its two forms, which Node's `fetch` uses. */
export interface DispatchHandler {
  onConnect?(abort: (reason?: unknown) => void): void;
  onHeaders?(status: number, headers: readonly Buffer[], resume: () => void, statusText: string): boolean;
  onData?(bytes: Buffer): boolean;
  onComplete?(trailers: readonly Buffer[]): void;
  onError?(error: unknown): void;
}

/** Only `fetch` is known to ask for each part of a body: its handler keeps a body and an abort of its own. */
export function isFetchHandler(handler: DispatchHandler): handler is Required<DispatchHandler> {
  return (
    'body' in handler &&
    'abort' in handler &&
    typeof handler.onConnect === 'function' &&
    typeof handler.onHeaders === 'function'
  );
}

export function feedAnswer(answer: Promise<Response>, given: DispatchHandler, abort: (reason: unknown) => void): void {
  const handler = given as Required<DispatchHandler>;
  let isDone = false;
  const fail = (error: unknown): void => {
    if (isDone) return;
    isDone = true;
    handler.onError(error);
  };
  // `fetch` expects to hear of its own abort at once, like from a socket that it closed.
  handler.onConnect((reason) => {
    abort(reason);
    fail(reason);
  });
  answer
    .then(async (response) => {
      if (isDone) return;
      handler.onHeaders(response.status, rawHeaders(response.headers), () => undefined, response.statusText);
      const demand = new Demand((handler as { readonly body?: unknown }).body);
      // Nobody asks for the body of a redirect that is followed.
      const isFollowed = response.headers.has('location');
      const reader = response.body?.getReader();
      while (reader !== undefined) {
        if (!isFollowed) await demand.next();
        const part = await reader.read();
        if (part.done || isDone) break;
        demand.meet();
        handler.onData(Buffer.from(part.value));
      }
      if (isDone) return;
      isDone = true;
      handler.onComplete([]);
    })
    .catch(fail);
}

/**
 * Knows when the caller wants more: when it reads its own buffer and finds nothing. By itself that buffer would fill up
 * beforehand, with bytes that the node may never take.
 */
class Demand {
  #isThere = false;
  readonly #isKnown: boolean;
  #wake: () => void = () => undefined;

  constructor(buffer: unknown) {
    this.#isKnown = buffer instanceof Readable;
    if (!(buffer instanceof Readable)) return;
    replaceMethod(buffer, 'read', (read, ...given) => {
      const taken = read(...given);
      // A read of nothing only says that somebody listens.
      if (taken === null && given[0] !== 0) this.#arise();
      return taken;
    });
  }

  #arise(): void {
    this.#isThere = true;
    this.#wake();
  }

  async next(): Promise<void> {
    if (this.#isThere || !this.#isKnown) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  meet(): void {
    this.#isThere = false;
  }
}

function rawHeaders(headers: Headers): readonly Buffer[] {
  // The body is decoded on the way, and must not be decoded again.
  const dropped = headers.has('content-encoding') ? ['content-encoding', 'content-length'] : [];
  return [...headers]
    .filter(([name]) => !dropped.includes(name))
    .flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]);
}
