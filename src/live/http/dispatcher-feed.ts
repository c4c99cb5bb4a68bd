// Feeds a Response to whoever asked a dispatcher for it, at the pace at which it takes it.

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
      const gate = new Gate();
      handler.onHeaders(response.status, rawHeaders(response.headers), () => gate.open(), response.statusText);
      const reader = response.body?.getReader();
      // Nobody asks for the body of a redirect that is followed.
      if (response.headers.has('location')) gate.open();
      if (reader !== undefined) await gate.opened;
      for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
        if (isDone) return;
        gate.close();
        if (handler.onData(Buffer.from(part.value))) gate.open();
        await gate.opened;
      }
      if (isDone) return;
      isDone = true;
      handler.onComplete([]);
    })
    .catch(fail);
}

/** Closed until the other side asks for more. */
class Gate {
  #open: () => void = () => undefined;
  opened: Promise<void> = Promise.resolve();
  constructor() {
    this.close();
  }
  close(): void {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }
  open(): void {
    this.#open();
  }
}

function rawHeaders(headers: Headers): readonly Buffer[] {
  // The body is decoded on the way, and must not be decoded again.
  const dropped = headers.has('content-encoding') ? ['content-encoding', 'content-length'] : [];
  return [...headers]
    .filter(([name]) => !dropped.includes(name))
    .flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]);
}
