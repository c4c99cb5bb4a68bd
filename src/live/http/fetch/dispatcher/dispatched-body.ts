// The body and headers of a request as undici's dispatchers take them: a text or bytes, known at once; or a stream or an
// iterator, which is watched as it is pulled, or read to its end where it has to be known first.
import { Readable } from 'node:stream';
import { requestBytesMax } from '../../options/request-messages.ts';
import type { RequestContent } from '../../exchange.ts';
import { replaceMethod } from '../../method-replacement.ts';
import { WrittenBody } from '../../body/written-body.ts';

type Pairs = readonly (readonly [string, string])[];

export interface DispatchedBody {
  readonly body: unknown;
  /** Set if all of it is known. */
  readonly whole: (() => RequestContent) | undefined;
  /** It is short and cannot wait for its answer: `fetch` knows its length, as only of a text, bytes or a form. */
  readonly isShort: boolean;
  /** The body to send, which tells what becomes of it. `written`: what has been pulled of it by now. */
  tap(told: BodyTold): { readonly body: unknown; readonly written: () => RequestContent };
  /** Reads it to its end, or until it fails. */
  gather(): Promise<GatheredRequest>;
  withHeader(name: string, value: string): unknown;
}

export interface GatheredRequest {
  readonly content: RequestContent;
  readonly how: 'whole' | 'unfinished';
  /** The body to send; one that failed fails again. */
  readonly body: unknown;
}

export interface BodyTold {
  whole(content: RequestContent): void;
  tooLarge(): void;
}

const shortBytesMax = 1024 * 1024;

/** Undefined for a body of a kind that cannot be watched. */
export function dispatchedBody({
  headers: given,
  body,
}: {
  readonly headers?: unknown;
  readonly body?: unknown;
}): DispatchedBody | undefined {
  const headers = headerPairs(given);
  if (headers === undefined) return undefined;
  const withHeader = (name: string, value: string): unknown =>
    headers.some(([known]) => known.toLowerCase() === name.toLowerCase()) ? given : [...headers.flat(), name, value];
  const known = typeof body === 'string' ? body : bytesOf(body);
  if (known !== undefined || body === null || body === undefined) {
    // A copy, because who asks may use its bytes again before they are looked at.
    const whole = (): RequestContent => ({ headers, body: typeof known === 'object' ? Buffer.from(known) : known });
    return { ...streamed(headers, body, []), isShort: true, whole, withHeader };
  }
  if (!(body instanceof Readable) && !isIterable(body)) return undefined;
  const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? Number.NaN);
  const isShort = !(body instanceof Readable) && length <= shortBytesMax;
  return { ...streamed(headers, body, body), isShort, whole: undefined, withHeader };
}

type Stream = Readable | AsyncIterable<unknown> | Iterable<unknown>;

function streamed(headers: Pairs, body: unknown, stream: Stream): Pick<DispatchedBody, 'body' | 'tap' | 'gather'> {
  return {
    body,
    tap: (told) => {
      const written = new WrittenBody(requestBytesMax, told.tooLarge);
      const content = (): RequestContent => ({ headers, body: written.content });
      const ended = (): void => {
        if (!written.isTooLarge) told.whole(content());
      };
      return {
        body: stream instanceof Readable ? watched(stream, written, ended) : passed(stream, written, ended),
        written: content,
      };
    },
    gather: async () => {
      const parts: Uint8Array[] = [];
      try {
        for await (const part of stream) parts.push(bytesOf(part) ?? Buffer.from(String(part)));
      } catch (thrown) {
        const failed = failing(parts, thrown);
        const body = stream instanceof Readable ? Readable.from(failed) : failed;
        return { content: { headers, body: undefined }, how: 'unfinished', body };
      }
      const bytes = Buffer.concat(parts);
      const again = stream instanceof Readable ? Readable.from([bytes]) : [bytes];
      return { content: { headers, body: bytes }, how: 'whole', body: bytes.byteLength === 0 ? null : again };
    },
  };
}

async function* failing(parts: readonly Uint8Array[], error: unknown): AsyncGenerator<Uint8Array> {
  yield* parts;
  throw error;
}

/** A stream emits 'data' for exactly what is read of it. */
function watched(stream: Readable, written: WrittenBody, ended: () => void): Readable {
  replaceMethod(stream, 'emit', (emit, event, ...given) => {
    if (event === 'data') written.take(bytesOf(given[0]) ?? Buffer.from(String(given[0])));
    else if (event === 'end') ended();
    return emit(event, ...given);
  });
  return stream;
}

async function* passed(
  stream: AsyncIterable<unknown> | Iterable<unknown>,
  written: WrittenBody,
  ended: () => void,
): AsyncGenerator<unknown> {
  for await (const part of stream) {
    written.take(bytesOf(part) ?? Buffer.from(String(part)));
    yield part;
  }
  ended();
}

function bytesOf(part: unknown): Uint8Array | undefined {
  if (typeof part === 'string') return Buffer.from(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  return ArrayBuffer.isView(part) ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength) : undefined;
}

function isIterable(body: unknown): body is AsyncIterable<unknown> | Iterable<unknown> {
  const isForm = Object.prototype.toString.call(body) === '[object FormData]';
  return (
    typeof body === 'object' && body !== null && !isForm && (Symbol.asyncIterator in body || Symbol.iterator in body)
  );
}

/** The headers in any of the forms that undici takes. */
function headerPairs(headers: unknown): Pairs | undefined {
  if (headers === null || headers === undefined) return [];
  if (typeof headers !== 'object') return undefined;
  // In loops: they are read before the request leaves.
  const pairs: [string, string][] = [];
  if (Array.isArray(headers) && !headers.every(Array.isArray)) {
    const flat = headers as unknown[];
    for (let index = 0; index < flat.length; index += 2)
      pairs.push([String(flat[index]), index + 1 < flat.length ? String(flat[index + 1]) : '']);
    return pairs;
  }
  const entries = Symbol.iterator in headers ? (headers as Iterable<readonly unknown[]>) : Object.entries(headers);
  for (const [name, value] of entries)
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      if (item !== undefined && item !== null) pairs.push([String(name), String(item)]);
  return pairs;
}
