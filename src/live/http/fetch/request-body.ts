// The body of a `fetch`: known at once, read to its end before it is sent, or watched as it is sent.
import type { InScope } from '../caller-scope.ts';
import { requestBytesMax } from '../options/request-messages.ts';
import type { WrittenBody } from '../body/written-body.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type BodyReader = ReadableStreamDefaultReader<Uint8Array>;
type Part = Awaited<ReturnType<BodyReader['read']>>;

/** The bytes of a body that is no stream. Undefined for one that has to be read. */
export function knownBytes(body: unknown): Bytes | undefined {
  if (typeof body === 'string') return new TextEncoder().encode(body);
  if (body instanceof URLSearchParams) return new TextEncoder().encode(String(body));
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (ArrayBuffer.isView(body)) return new Uint8Array(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  return undefined;
}

/** What is left of a body that was not read to its end. */
export interface RestOfBody {
  readonly gathered: readonly Uint8Array[];
  readonly rest?: BodyReader;
  /** A read that was begun. */
  readonly reading?: Promise<Part> | undefined;
}

export type GatheredBody =
  | { readonly kind: 'whole'; readonly bytes: Bytes }
  | ({ readonly kind: 'too large' | 'unfinished' } & RestOfBody);

/** Reads a body until it ends or fails, is too large, or `patience` is over. */
export async function gatherBody(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
  patience?: Promise<undefined>,
): Promise<GatheredBody> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const gathered: Uint8Array[] = [];
    let byteCount = 0;
    for (;;) {
      const reading = reader.read();
      const read = reading.catch(() => undefined);
      const part = await (patience === undefined ? read : Promise.race([read, patience]));
      // Its client is given the error by who reads on.
      if (part === undefined) return { kind: 'unfinished', gathered, rest: reader, reading };
      if (part.done) break;
      gathered.push(part.value);
      byteCount += part.value.byteLength;
      if (byteCount > requestBytesMax) return { kind: 'too large', gathered, rest: reader };
    }
    signal.throwIfAborted();
    return { kind: 'whole', bytes: joined(gathered, byteCount) };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function joined(parts: readonly Uint8Array[], byteCount: number): Bytes {
  const bytes = new Uint8Array(byteCount);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

export interface BodyWatch {
  readonly written: WrittenBody;
  /** What makes the body is code of the node, and may ask for more. */
  readonly inScope: InScope;
  /** All of it was pulled, or no more of it will be. */
  ended(how: 'whole' | 'unfinished'): void;
}

/** A stream of the gathered parts, followed by the rest of the body if there is any. It is read only as it is pulled. */
export function restOfBody(body: RestOfBody, watch?: BodyWatch): ReadableStream<Uint8Array> {
  const gathered = body.gathered.filter((part) => part.byteLength > 0);
  let { reading } = body;
  const next = async (): Promise<Part | undefined> => {
    const part = gathered.shift();
    if (part !== undefined) return { done: false, value: part };
    const begun = reading;
    reading = undefined;
    const read = (): Promise<Part> | undefined => body.rest?.read();
    return begun ?? (watch === undefined ? read() : watch.inScope(read));
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const part = await next().catch((thrown: unknown) => {
          watch?.ended('unfinished');
          throw thrown;
        });
        if (part === undefined || part.done) {
          watch?.ended('whole');
          return controller.close();
        }
        watch?.written.take(part.value);
        controller.enqueue(part.value);
      },
      cancel: (reason) => {
        watch?.ended('unfinished');
        return body.rest?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Reads a body that is sent nowhere, as directly as can be: it is compared before its node ends. */
export async function readToEnd({ gathered, rest, reading }: RestOfBody, watch: BodyWatch): Promise<void> {
  for (const part of gathered) watch.written.take(part);
  try {
    let part = await reading;
    while (part?.done !== true) {
      if (part !== undefined) watch.written.take(part.value);
      part = await rest?.read();
    }
    watch.ended('whole');
  } catch {
    // The node broke its own body off.
    watch.ended('unfinished');
  }
}
