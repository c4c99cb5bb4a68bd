// The caller of a dispatcher: Node's `fetch`, through the handler interface of undici up to version 7 or since version 8.

/** What a caller is told, in this order. */
export interface DispatchCaller {
  begin(abort: (reason: unknown) => void): void;
  head(status: number, rawHeaders: readonly Buffer[], statusText: string): void;
  data(bytes: Buffer): void;
  end(): void;
  fail(error: unknown): void;
  /** Where it buffers the body until somebody reads it; set once the head has arrived. */
  readonly buffer: unknown;
}

/** The handler of a `dispatch`, in either version. */
export interface DispatchHandler {
  readonly body?: unknown;
  onConnect?(abort: (reason?: unknown) => void): void;
  onHeaders?(status: number, rawHeaders: readonly Buffer[], resume: () => void, statusText: string): boolean;
  onData?(bytes: Buffer): boolean;
  onComplete?(rawTrailers: readonly Buffer[]): void;
  onError?(error: unknown): void;
  onRequestStart?(controller: DispatchController): void;
  onResponseStart?(controller: DispatchController, status: number, headers: object, statusText: string): void;
  onResponseData?(controller: DispatchController, bytes: Buffer): void;
  onResponseEnd?(controller: DispatchController, trailers: object): void;
  onResponseError?(controller: DispatchController, error: unknown): void;
}

interface DispatchController {
  rawHeaders: readonly Buffer[];
  abort(reason?: unknown): void;
  pause(): void;
  resume(): void;
}

/**
 * The caller if it is `fetch`, whose handlers are recognized by their `body` and `abort`. Only `fetch` is known to read a
 * body on demand, so other callers are left alone.
 */
export function fetchCaller(handler: DispatchHandler): DispatchCaller | undefined {
  if (!('body' in handler) || !('abort' in handler)) return undefined;
  if (typeof handler.onRequestStart === 'function') return new Caller(handler as Required<DispatchHandler>);
  return typeof handler.onConnect === 'function' ? new EarlierCaller(handler as Required<DispatchHandler>) : undefined;
}

const nothing = (): void => undefined;

class EarlierCaller implements DispatchCaller {
  readonly #handler: Required<DispatchHandler>;
  constructor(handler: Required<DispatchHandler>) {
    this.#handler = handler;
  }
  get buffer(): unknown {
    return this.#handler.body;
  }
  begin(abort: (reason: unknown) => void): void {
    this.#handler.onConnect(abort);
  }
  head(status: number, rawHeaders: readonly Buffer[], statusText: string): void {
    this.#handler.onHeaders(status, rawHeaders, nothing, statusText);
  }
  data(bytes: Buffer): void {
    this.#handler.onData(bytes);
  }
  end(): void {
    this.#handler.onComplete([]);
  }
  fail(error: unknown): void {
    this.#handler.onError(error);
  }
}

class Caller implements DispatchCaller {
  readonly #handler: Required<DispatchHandler>;
  readonly #controller: DispatchController = { rawHeaders: [], abort: nothing, pause: nothing, resume: nothing };
  constructor(handler: Required<DispatchHandler>) {
    this.#handler = handler;
  }
  get buffer(): unknown {
    return this.#handler.body;
  }
  begin(abort: (reason: unknown) => void): void {
    this.#controller.abort = abort;
    this.#handler.onRequestStart(this.#controller);
  }
  head(status: number, rawHeaders: readonly Buffer[], statusText: string): void {
    this.#controller.rawHeaders = rawHeaders;
    this.#handler.onResponseStart(this.#controller, status, headersByName(rawHeaders), statusText);
  }
  data(bytes: Buffer): void {
    this.#handler.onResponseData(this.#controller, bytes);
  }
  end(): void {
    this.#handler.onResponseEnd(this.#controller, {});
  }
  fail(error: unknown): void {
    this.#handler.onResponseError(this.#controller, error);
  }
}

function headersByName(rawHeaders: readonly Buffer[]): object {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = String(rawHeaders[index]).toLowerCase();
    const value = (rawHeaders[index + 1] as Buffer).toString('latin1');
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value];
  }
  return headers;
}
