import type { IncomingMessage } from 'node:http';
import type { AnswerRecord } from '../answer-record.ts';
import { replaceMethod } from '../method-replacement.ts';

/**
 * Records an answer of node:http as the node takes it. A stream emits 'data' exactly for what is taken of it, flowing or
 * paused, so looking on there changes neither how it flows nor what the server sees.
 */
export function tapMessage(message: IncomingMessage, record: AnswerRecord, wasStopped: () => boolean): void {
  let isStopped = false;
  record.head(message.statusCode ?? 0, headerPairs(message), message.headers['content-encoding'] ?? '');
  replaceMethod(message, 'emit', (emit, event, ...given) => {
    if (event === 'data') record.take(bytesOf(given[0], message.readableEncoding));
    else if (event === 'end') record.complete();
    else if (event === 'error' || event === 'close') {
      if (isStopped || wasStopped()) record.cancel();
      else record.break(given[0] ?? new Error('aborted'));
    }
    return emit(event, ...given);
  });
  replaceMethod(message, 'destroy', (destroy, ...given) => {
    // Node itself calls this when the socket has gone; else it is the node that stops.
    if (message.socket?.destroyed === false) {
      isStopped = true;
      record.cancel();
    }
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
