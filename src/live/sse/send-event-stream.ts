import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { eventHeaders, eventTexts, eventStreamOptions, jsonHeaders, plainAnswer } from './event-stream.ts';
import type { SentItem } from './sent-item.ts';
import type { EventStreamOptions, EventStreamSource } from './event-stream.ts';

/**
 * `eventStreamResponse` for `node:http`: answers a request with the events of a run, over a connection that is closed afterwards.
 * Resolves when the stream has ended or the connection is closed.
 */
export async function sendEventStream<Item extends SentItem>(
  stream: EventStreamSource<Item>,
  response: ServerResponse,
  options: EventStreamOptions<Item> = noOptions,
): Promise<void> {
  checkOptions(eventStreamOptions, options, 'sendEventStream');
  // A reader that comes back over the connection of a server that is shutting down would keep it alive.
  response.shouldKeepAlive = false;
  const plain = plainAnswer(stream);
  if (plain?.status === 204) {
    response.writeHead(204).end();
    return;
  }
  if (plain !== undefined) {
    response.writeHead(plain.status, jsonHeaders).end(plain.json);
    return;
  }
  response.writeHead(200, eventHeaders(options));
  response.flushHeaders();
  const texts = eventTexts(stream, options);
  const closed = new AbortController();
  response.once('close', () => {
    closed.abort();
    void texts.return(undefined);
  });
  for await (const text of texts) {
    if (closed.signal.aborted) break;
    if (!response.write(text)) await once(response, 'drain', { signal: closed.signal }).catch(() => undefined);
  }
  response.end();
}
