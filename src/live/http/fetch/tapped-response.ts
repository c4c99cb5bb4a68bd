// A Response of the real `fetch`, watched as the node reads its body. It stays the very object that `fetch` gave, and so
// does its body: only methods of ours come before those of its class.
//   B1. What the node gets is what the stream gave, at the same moment: a promise of the stream is passed on as it is.
//   B2. Bytes are recorded when the node gets them, before it can change them.
//   B3. undici keeps every Response until a full collection. It keeps nothing of the exchange once the body has ended.
import { keptWith } from '../../../base/kept-with.ts';
import { otherRuntime } from '../../runtime.ts';
import type { Exchange } from '../exchange.ts';
import { BodyIterator, copyOf } from './body-reading.ts';
import type { BodyReader, BodyStream } from './body-reading.ts';
import { MethodsBefore } from './methods-before.ts';
import type { Method } from './methods-before.ts';
import { readThroughBody } from './read-inside.ts';

type Part = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

/** `ended` is called when nothing more comes of the body, or the node wants none of it. */
export function tapResponse(response: Response, exchange: Exchange, ended: () => void): void {
  const { body } = response;
  if (body === null) {
    exchange.complete();
    ended();
    return;
  }
  const tap = new BodyTap(exchange, ended);
  exchange.watchReading(() => (tap.isRead ? 'read' : 'unread'));
  tapBody(body, tap);
  if (isClonedInside) methodsOfResponses.putBefore(response);
  if (otherRuntime !== undefined) readThroughBody(response);
}

function tapBody(body: BodyStream, tap: BodyTap): void {
  tapsOfBodies.set(body, tap);
  methodsOfBodies.putBefore(body);
}

type Watching = Pick<Exchange, 'take' | 'complete' | 'breakOff' | 'cancel'>;

class BodyTap {
  #isRead = false;
  #watching: { readonly exchange: Watching; readonly ended: () => void } | undefined;
  #copy: BodyStream | undefined;
  readonly #begun: () => void;

  constructor(exchange: Watching, ended: () => void, begun: () => void = () => undefined) {
    this.#watching = { exchange, ended };
    this.#begun = begun;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

  readonly begin = (): void => {
    if (this.#isRead) return;
    this.#isRead = true;
    this.#begun();
  };

  /** Whether what was made of its body reads through it. */
  get isCopied(): boolean {
    return this.#copy !== undefined;
  }

  tapped(reader: BodyReader): BodyReader {
    tapsOfReaders.set(reader, this);
    methodsOfReaders.putBefore(reader);
    return reader;
  }

  copyOf(body: BodyStream): BodyStream {
    this.#copy ??= copyOf(body.getReader());
    return this.#copy;
  }

  readonly took = (part: Part): void => {
    if (part.done) this.#end((exchange) => exchange.complete());
    else this.#watching?.exchange.take(part.value);
  };

  readonly broke = (error: unknown): void => {
    if (!isMisuse(error)) this.#end((exchange) => exchange.breakOff(error));
  };

  cancelled(): void {
    this.#end((exchange) => exchange.cancel());
  }

  #end(how: (exchange: Watching) => void): void {
    const watching = this.#watching;
    if (watching === undefined) return;
    this.#watching = undefined;
    how(watching.exchange);
    watching.ended();
  }
}

const tapsOfBodies = keptWith<BodyStream, BodyTap>();
const tapsOfReaders = keptWith<BodyReader, BodyTap>();

const methodsOfBodies = new MethodsBefore<BodyStream>((native) => {
  const readerOf = (body: BodyStream, given: unknown[]): BodyReader =>
    native('getReader').apply(body, given) as BodyReader;
  const values: Method<BodyStream> = function (options) {
    const tap = tapsOfBodies.get(this);
    if (tap === undefined) return native('values').call(this, options);
    const keepsOpen = (options as { readonly preventCancel?: boolean } | undefined)?.preventCancel === true;
    return new BodyIterator(tap.tapped(readerOf(this, [])), keepsOpen);
  };
  // These read inside the stream, where nobody can watch: they get a stream of their own.
  const copying = (name: 'tee' | 'pipeTo' | 'pipeThrough'): Method<BodyStream> =>
    function (...given) {
      const copy = this.locked ? undefined : tapsOfBodies.get(this)?.copyOf(this);
      return copy === undefined
        ? native(name).apply(this, given)
        : (copy[name] as (...given: unknown[]) => unknown)(...given);
    };
  return {
    getReader(...given) {
      const reader = readerOf(this, given);
      return tapsOfBodies.get(this)?.tapped(reader) ?? reader;
    },
    cancel(...given) {
      // A stream that is locked refuses.
      if (!this.locked) tapsOfBodies.get(this)?.cancelled();
      return native('cancel').apply(this, given);
    },
    values,
    [Symbol.asyncIterator]: values,
    tee: copying('tee'),
    pipeTo: copying('pipeTo'),
    pipeThrough: copying('pipeThrough'),
  };
});

const methodsOfReaders = new MethodsBefore<BodyReader>((native) => ({
  read(...given) {
    const result = native('read').apply(this, given) as Promise<Part>;
    const tap = tapsOfReaders.get(this);
    if (tap === undefined) return result;
    tap.begin();
    result.then(tap.took, tap.broke);
    return result;
  },
  cancel(...given) {
    tapsOfReaders.get(this)?.cancelled();
    return native('cancel').apply(this, given);
  },
}));

/** Two streams were made of a body, and both give what it gives: what the first of them gets is what the node gets. */
function branchesOf(tap: BodyTap): readonly [BodyTap, BodyTap] {
  let taken = 0;
  let openCount = 2;
  const branch = (): BodyTap => {
    let got = 0;
    const take = (bytes: Uint8Array): void => {
      const fresh = bytes.subarray(Math.max(0, taken - got));
      got += bytes.byteLength;
      taken = Math.max(taken, got);
      if (fresh.byteLength > 0) tap.took({ done: false, value: fresh as Uint8Array<ArrayBuffer> });
    };
    const complete = (): void => tap.took({ done: true, value: undefined });
    const cancel = (): void => {
      openCount -= 1;
      if (openCount === 0) tap.cancelled();
    };
    return new BodyTap({ take, complete, breakOff: tap.broke, cancel }, () => undefined, tap.begin);
  };
  return [branch(), branch()];
}

const methodsOfResponses = new MethodsBefore<Response>((native) => ({
  clone() {
    const tap = this.body === null ? undefined : tapsOfBodies.get(this.body);
    const clone = native('clone').call(this) as Response;
    if (tap === undefined || tap.isCopied || this.body === null || clone.body === null) return clone;
    const [own, other] = branchesOf(tap);
    tapBody(this.body, own);
    tapBody(clone.body, other);
    methodsOfResponses.putBefore(clone);
    return clone;
  },
}));

/** Node 26 makes two streams of the body without its method `tee`. */
const isClonedInside = ((): boolean => {
  if (otherRuntime !== undefined) return false;
  const body = new ReadableStream();
  let isSeen = false;
  const tee = (): [ReadableStream, ReadableStream] => {
    isSeen = true;
    return ReadableStream.prototype.tee.call(body);
  };
  body.tee = tee;
  new Response(body).clone();
  return !isSeen;
})();

/** A reader was released while it read, or asked in the wrong way: that says nothing about the body. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError && String((error as { readonly code?: unknown }).code).startsWith('ERR_INVALID_');
}
