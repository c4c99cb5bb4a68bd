// A Response of the real `fetch`, watched as the node reads its body. It stays the very object that `fetch` gave, and so
// does its body: only the ways to read that body are replaced, on this one object.
//   B1. What the node gets is what the stream gave, at the same moment: a promise of the stream is passed on as it is.
//   B2. Bytes are recorded when the node gets them, before it can change them.
import { otherRuntime } from '../../runtime.ts';
import type { Exchange } from '../exchange.ts';
import { BodyIterator, copyOf } from './body-reading.ts';
import type { BodyReader, BodyStream } from './body-reading.ts';
import { readThroughBody } from './read-inside.ts';

type Part = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
type Read = (...given: unknown[]) => Promise<Part>;

/** `ended` is called when nothing more comes of the body, or the node wants none of it. */
export function tapResponse(response: Response, exchange: Exchange, ended: () => void): void {
  if (response.body === null) {
    exchange.complete();
    ended();
    return;
  }
  new BodyTap(response.body, exchange, ended).install();
  if (otherRuntime !== undefined) readThroughBody(response);
}

class BodyTap {
  readonly #body: BodyStream;
  readonly #exchange: Exchange;
  readonly #ended: () => void;
  #isRead = false;

  constructor(body: BodyStream, exchange: Exchange, ended: () => void) {
    this.#body = body;
    this.#exchange = exchange;
    this.#ended = ended;
  }

  install(): void {
    const body = this.#body as BodyStream & Record<PropertyKey, unknown>;
    this.#exchange.watchReading(() => this.#isRead);
    const getReader = body.getReader.bind(body) as (options?: object) => BodyReader;
    const cancel = body.cancel.bind(body);
    const values = (options?: { readonly preventCancel?: boolean }): unknown =>
      new BodyIterator(this.#tapped(getReader()), options?.preventCancel === true);
    replace(body, 'getReader', (options?: object) =>
      this.#tapped(options === undefined ? getReader() : getReader(options)),
    );
    replace(body, 'cancel', (reason?: unknown) => {
      // A stream that is locked refuses.
      if (!body.locked) this.#cancelled();
      return cancel(reason);
    });
    replace(body, 'values', values);
    replace(body, Symbol.asyncIterator, values);
    // These read inside the stream, where nobody can watch: they get a stream of their own.
    let copied: BodyStream | undefined;
    const copy = (): BodyStream => {
      copied ??= copyOf(this.#tapped(getReader()));
      return copied;
    };
    for (const name of ['tee', 'pipeTo', 'pipeThrough'] as const) {
      const native = body[name].bind(body) as (...given: unknown[]) => unknown;
      replace(body, name, (...given: unknown[]) =>
        body.locked ? native(...given) : (copy()[name] as (...given: unknown[]) => unknown)(...given),
      );
    }
  }

  #tapped(reader: BodyReader): BodyReader {
    const read = reader.read.bind(reader) as Read;
    const cancel = reader.cancel.bind(reader);
    replace(reader, 'read', (...given: unknown[]) => {
      this.#isRead = true;
      const result = read(...given);
      result.then(this.#took, this.#broke);
      return result;
    });
    replace(reader, 'cancel', (reason?: unknown) => {
      this.#cancelled();
      return cancel(reason);
    });
    return reader;
  }

  readonly #took = (part: Part): void => {
    if (!part.done) {
      this.#exchange.take(part.value);
      return;
    }
    this.#exchange.complete();
    this.#ended();
  };

  readonly #broke = (error: unknown): void => {
    if (isMisuse(error)) return;
    this.#exchange.breakOff(error);
    this.#ended();
  };

  #cancelled(): void {
    this.#exchange.cancel();
    this.#ended();
  }
}

/** A reader was released while it read, or asked in the wrong way: that says nothing about the body. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError && String((error as { readonly code?: unknown }).code).startsWith('ERR_INVALID_');
}

function replace(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
