import type { IncomingMessage } from 'node:http';
import type { InterimAnswer } from '../../../journal/answer-facts.ts';
import type { Pairs } from '../answer/answer-record.ts';
import type { InScope } from '../caller-scope.ts';
import type { Exchange } from '../exchange.ts';
import { replaceMethod } from '../method-replacement.ts';
import { isInChunks } from '../answer/sent-form.ts';

/** What came before it, and who asked. */
export interface AskedMessage {
  readonly interim: readonly InterimAnswer[];
  readonly isReused: boolean;
  readonly idleCount: number;
  readonly inScope: InScope;
}

/**
 * Records an answer of node:http as the node reads it. A stream emits 'data' for exactly what is read from it, whether it
 * flows or is paused, so watching that event changes neither its flow nor what the server sees.
 */
export function tapMessage(
  message: IncomingMessage,
  exchange: Exchange,
  { interim, isReused, idleCount, inScope }: AskedMessage,
): void {
  const { statusCode = 0, statusMessage = '', headers, rawHeaders } = message;
  exchange.head({
    status: statusCode,
    statusText: statusMessage,
    headers: pairsOf(rawHeaders),
    encoding: headers['content-encoding'] ?? '',
    ...(interim.length === 0 ? {} : { interim }),
    ...(isReused ? { reused: true } : {}),
    ...(idleCount === 0 ? {} : { idle: idleCount }),
  });
  exchange.watchReading(() => (isBeingRead(message) ? 'read' : 'unread'));
  const isChunked = isInChunks(headers['transfer-encoding']);
  replaceMethod(message, 'emit', (emit, event, ...given) => {
    if (event === 'data') exchange.take(bytesOf(given[0], message.readableEncoding), isChunked && message.complete);
    else if (event === 'end') exchange.complete(pairsOf(message.rawTrailers));
    // The first word of a connection that broke. A client that hears it may stop the request, which broke all the same.
    else if (event === 'aborted' || event === 'error' || event === 'close') exchange.breakOff();
    return inScope(() => emit(event, ...given));
  });
  replaceMethod(message, 'destroy', (destroy, ...given) => {
    // If the socket is gone, node:http itself is calling. Otherwise the node has stopped reading.
    if (message.socket?.destroyed === false) exchange.cancel();
    return destroy(...given);
  });
}

/** Somebody has begun to read it. */
export function isBeingRead(message: IncomingMessage): boolean {
  return message.readableFlowing !== null || message.readableDidRead || message.listenerCount('readable') > 0;
}

function bytesOf(part: unknown, encoding: BufferEncoding | null): Uint8Array {
  return typeof part === 'string' ? Buffer.from(part, encoding ?? 'utf8') : (part as Uint8Array);
}

/** An answer that came before the answer. */
export function interimOf({
  statusCode = 0,
  statusMessage = '',
  rawHeaders = [],
}: Partial<IncomingMessage>): InterimAnswer {
  return { status: statusCode, statusText: statusMessage, headers: pairsOf(rawHeaders) };
}

/** Node lists names and values one after the other. */
function pairsOf(raw: readonly string[]): Pairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] as string, raw[index + 1] as string]);
  return pairs;
}
