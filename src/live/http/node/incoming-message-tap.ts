import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../exchange.ts';
import { replaceMethod } from '../method-replacement.ts';

/**
 * Records an answer of node:http as the node reads it. A stream emits 'data' for exactly what is read from it, whether it
 * flows or is paused, so watching that event changes neither its flow nor what the server sees.
 */
export function tapMessage(message: IncomingMessage, exchange: Exchange): void {
  exchange.head(message.statusCode ?? 0, headerPairs(message), message.headers['content-encoding'] ?? '');
  replaceMethod(message, 'emit', (emit, event, ...given) => {
    if (event === 'data') exchange.take(bytesOf(given[0], message.readableEncoding));
    else if (event === 'end') exchange.complete();
    else if (event === 'error' || event === 'close') exchange.breakOff(given[0] ?? new Error('aborted'));
    return emit(event, ...given);
  });
  replaceMethod(message, 'destroy', (destroy, ...given) => {
    // If the socket is gone, node:http itself is calling. Otherwise the node has stopped reading.
    if (message.socket?.destroyed === false) exchange.cancel();
    return destroy(...given);
  });
}

function bytesOf(part: unknown, encoding: BufferEncoding | null): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part, encoding ?? 'utf8') : (part as Uint8Array);
}

function headerPairs(message: IncomingMessage): readonly (readonly [string, string])[] {
  const { rawHeaders } = message;
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []));
}
