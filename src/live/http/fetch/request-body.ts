// The body of a request, buffered before it is sent because it identifies the request.
import { requestBytesMax } from '../exchange.ts';

export type GatheredBody =
  | { readonly isWhole: true; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly isWhole: false;
      readonly gathered: readonly Uint8Array[];
      readonly rest: ReadableStreamDefaultReader<Uint8Array>;
    };

export async function gatherBody(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<GatheredBody> {
  const reader = body.getReader();
  const cancel = (): void => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const gathered: Uint8Array[] = [];
    let byteCount = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      gathered.push(part.value);
      byteCount += part.value.byteLength;
      if (byteCount > requestBytesMax) return { isWhole: false, gathered, rest: reader };
    }
    signal.throwIfAborted();
    return { isWhole: true, bytes: joined(gathered, byteCount) };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function joined(parts: readonly Uint8Array[], byteCount: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteCount);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes;
}

/** A stream of the gathered parts, followed by the rest of the body if there is any. */
export function restOfBody(body: {
  readonly gathered: readonly Uint8Array[];
  readonly rest?: ReadableStreamDefaultReader<Uint8Array>;
}): ReadableStream<Uint8Array> {
  const gathered = body.gathered.filter((part) => part.byteLength > 0);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = gathered.shift();
        if (next !== undefined) return controller.enqueue(next);
        const part = await body.rest?.read();
        if (part === undefined || part.done) return controller.close();
        controller.enqueue(part.value);
      },
      cancel: (reason) => body.rest?.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
