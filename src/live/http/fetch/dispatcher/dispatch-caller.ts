// The caller of a dispatcher, through the handler interface of undici: up to version 7, or since version 7.

import { Readable } from 'node:stream';
import type { Pairs } from '../../answer/answer-record.ts';

/** What a caller is told, in this order. */
export interface DispatchCaller {
  begin(abort: (reason: unknown) => void): void;
  head(status: number, rawHeaders: readonly Buffer[], statusText: string): void;
  data(bytes: Buffer): void;
  end(trailers: Pairs): void;
  fail(error: unknown): void;
  /** Resolves when it takes more: at once, unless it has asked for a pause. */
  readonly room: Promise<void> | undefined;
  /** Where `fetch` buffers the body until somebody reads it; set once the head has arrived. */
  readonly buffer: unknown;
  /** The stream through which its body is read, if there is one. */
  readonly body: Readable | undefined;
}

/** The handler of a `dispatch`, in either version. */
export interface DispatchHandler {
  /** That of `fetch`. */
  readonly body?: unknown;
  /** Those of `request` and `pipeline`. */
  readonly res?: unknown;
  onConnect?(abort: (reason?: unknown) => void, ...more: unknown[]): void;
  onHeaders?(status: number, rawHeaders: readonly Buffer[], resume: () => void, statusText: string): boolean;
  onData?(bytes: Buffer): boolean;
  onComplete?(rawTrailers: readonly Buffer[]): void;
  onError?(error: unknown): void;
  onRequestStart?(controller: DispatchController, ...more: unknown[]): void;
  onResponseStart?(controller: DispatchController, status: number, headers: object, statusText: string): void;
  onResponseData?(controller: DispatchController, bytes: Buffer): void;
  onResponseEnd?(controller: DispatchController, trailers: object): void;
  onResponseError?(controller: DispatchController, error: unknown): void;
}

export interface DispatchController {
  rawHeaders: readonly (Buffer | string)[];
  rawTrailers?: readonly (Buffer | string)[];
  abort(reason?: unknown): void;
  pause(): void;
  resume(): void;
}

export interface DispatchOptions {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly upgrade?: unknown;
}

export type Dispatch = (options: DispatchOptions, handler: DispatchHandler) => boolean;

/** Undefined for a handler of neither kind, which undici itself will refuse. */
export function dispatchCaller(handler: DispatchHandler): DispatchCaller | undefined {
  if (typeof handler.onRequestStart === 'function') return new Caller(handler as Required<DispatchHandler>);
  return typeof handler.onConnect === 'function' ? new EarlierCaller(handler as Required<DispatchHandler>) : undefined;
}

/** Whether the handler is that of a `fetch`: a plain object, which has a place for the body. */
export function isFetchHandler(handler: DispatchHandler): boolean {
  return Object.getPrototypeOf(handler) === Object.prototype && 'body' in handler;
}

class Room {
  #promise: PromiseWithResolvers<void> | undefined;
  readonly pause = (): void => {
    this.#promise ??= Promise.withResolvers();
  };
  readonly resume = (): void => {
    this.#promise?.resolve();
    this.#promise = undefined;
  };
  get promise(): Promise<void> | undefined {
    return this.#promise?.promise;
  }
}

class EarlierCaller implements DispatchCaller {
  readonly #handler: Required<DispatchHandler>;
  readonly #room = new Room();
  constructor(handler: Required<DispatchHandler>) {
    this.#handler = handler;
  }
  get buffer(): unknown {
    return isFetchHandler(this.#handler) ? this.#handler.body : undefined;
  }
  get body(): Readable | undefined {
    return bodyOf(this.#handler);
  }
  get room(): Promise<void> | undefined {
    return this.#room.promise;
  }
  begin(abort: (reason: unknown) => void): void {
    this.#handler.onConnect(abort);
  }
  head(status: number, rawHeaders: readonly Buffer[], statusText: string): void {
    if (this.#handler.onHeaders(status, rawHeaders, this.#room.resume, statusText) === false) this.#room.pause();
  }
  data(bytes: Buffer): void {
    if (this.#handler.onData(bytes) === false) this.#room.pause();
  }
  end(trailers: Pairs): void {
    this.#handler.onComplete(rawHeaders(trailers));
  }
  fail(error: unknown): void {
    this.#handler.onError(error);
  }
}

class Caller implements DispatchCaller {
  readonly #handler: Required<DispatchHandler>;
  readonly #room = new Room();
  readonly #controller: DispatchController & { aborted: boolean; reason: unknown; paused: boolean };
  constructor(handler: Required<DispatchHandler>) {
    this.#handler = handler;
    const { pause, resume } = this.#room;
    this.#controller = {
      rawHeaders: [],
      abort: () => undefined,
      aborted: false,
      paused: false,
      reason: null,
      pause,
      resume,
    };
  }
  get buffer(): unknown {
    return isFetchHandler(this.#handler) ? this.#handler.body : undefined;
  }
  get body(): Readable | undefined {
    return bodyOf(this.#handler);
  }
  get room(): Promise<void> | undefined {
    return this.#room.promise;
  }
  begin(abort: (reason: unknown) => void): void {
    const aborted = (reason: unknown): void => {
      this.#controller.aborted = true;
      this.#controller.reason = reason;
      abort(reason);
    };
    this.#controller.abort = aborted;
    this.#handler.onRequestStart(this.#controller);
  }
  head(status: number, rawHeaders: readonly Buffer[], statusText: string): void {
    this.#controller.rawHeaders = rawHeaders;
    this.#handler.onResponseStart(this.#controller, status, headersByName(rawHeaders), statusText);
  }
  data(bytes: Buffer): void {
    this.#handler.onResponseData(this.#controller, bytes);
  }
  end(trailers: Pairs): void {
    const raw = rawHeaders(trailers);
    this.#controller.rawTrailers = raw;
    this.#handler.onResponseEnd(this.#controller, headersByName(raw));
  }
  fail(error: unknown): void {
    this.#handler.onResponseError(this.#controller, error);
  }
}

/**
 * Whether the handler keeps what comes of a body in a stream. Its bytes come live when the connection has them, and in a replay
 * when they are wanted: between that and the code of the node lies nothing that could be told apart.
 */
export function keepsBody(handler: DispatchHandler): boolean {
  return bodyOf(handler) !== undefined;
}

function bodyOf({ body, res }: DispatchHandler): Readable | undefined {
  return [body, res].find((stream) => stream instanceof Readable);
}

/** Names and values in turn, as undici gives them. */
export function rawHeaders(headers: Pairs): readonly Buffer[] {
  return headers.flatMap(([name, value]) => [Buffer.from(name, 'latin1'), Buffer.from(value, 'latin1')]);
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
