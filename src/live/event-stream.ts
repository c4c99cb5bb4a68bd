// A reader of a run as server-sent events (the HTML standard, section 9.2): the id of each event is its cursor, so a
// browser's `EventSource` that lost its connection comes back with `Last-Event-ID` and gets exactly the rest.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { numberIn, text, timerMsMax } from '../base/options/option-kind.ts';
import { recordOf } from '../base/options/option-parts.ts';
import { checkOptions, noOptions, optionShape } from '../base/options/option-shape.ts';

/** What is read: what `engine.stream` and `engine.read` give. */
export interface EventStreamSource extends AsyncIterable<{ readonly kind: string; readonly cursor: string }> {
  /** The reader begins behind the end of the run: nothing is left to say. */
  readonly hasEnded: boolean;
}

export interface EventStreamOptions {
  /** How often a comment is sent while nothing else is, so that no proxy closes the connection; 15,000 ms by default. */
  readonly keepAliveMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export const eventStreamOptions = optionShape<EventStreamOptions>('eventStream', {
  keepAliveMs: numberIn({ above: 0, most: timerMsMax }),
  headers: recordOf(text, 'an object of header values by name'),
});

const eventHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Proxies that gather answers before they pass them on (nginx) are told not to.
  'x-accel-buffering': 'no',
};
const keepAliveMsDefault = 15_000;
const comment = ': waiting\n\n';

/**
 * The cursor that a browser comes back with: its `Last-Event-ID`, as `from` of `engine.read`. Undefined at the first time.
 */
export function lastEventId(request: Request | IncomingMessage): string | undefined {
  const { headers } = request;
  const given = headers instanceof Headers ? headers.get('last-event-id') : headers['last-event-id'];
  return typeof given === 'string' && given !== '' ? given : undefined;
}

/**
 * A web `Response` that streams a run to a browser: each item is an event with its JSON as `data`, by `kind`, without a
 * chunk's `delta`, and its cursor as `id`. The reader is pulled as fast as the browser takes it. When the browser goes away the reader ends, and
 * the run goes on. After the end of the run a browser that comes back is answered with 204, which tells it to stop.
 *
 * ```ts
 * import { createEngine, fields, graph, text } from 'reprise';
 * import { eventStreamResponse, lastEventId } from 'reprise/http';
 *
 * const writer = graph('writer', { state: fields({ answer: text() }) })
 *   .node('write', async function* () {
 *     yield { answer: 'Hello ' };
 *     yield { answer: 'world' };
 *   })
 *   .start('write')
 *   .build();
 * const engine = createEngine(writer);
 * await engine.run({}, { runId: 'run-1' });
 *
 * // In a server: (request) => …
 * const request = new Request('http://localhost/runs/run-1');
 * const from = lastEventId(request);
 * const response = eventStreamResponse(engine.read('run-1', from === undefined ? {} : { from }));
 * const events = (await response.text()).split('\n\n').map((event) => event.split('\ndata: ')[1] ?? '');
 * console.log(events.map((data) => /"chunk":({.*?})/.exec(data)?.[1]).filter(Boolean).join()); // {"answer":"Hello "},{"answer":"world"}
 * await engine.close();
 * ```
 */
export function eventStreamResponse(stream: EventStreamSource, options: EventStreamOptions = noOptions): Response {
  checkOptions(eventStreamOptions, options, 'eventStreamResponse');
  if (stream.hasEnded) return new Response(null, { status: 204 });
  const events = eventsOf(stream, options.keepAliveMs ?? keepAliveMsDefault);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await events.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await events.return(undefined);
    },
  });
  return new Response(body, { headers: { ...eventHeaders, ...options.headers } });
}

/** The same for `node:http`: answers a request with a run's events; resolves when the stream or the connection has ended. */
export async function sendEventStream(
  stream: EventStreamSource,
  response: ServerResponse,
  options: EventStreamOptions = noOptions,
): Promise<void> {
  checkOptions(eventStreamOptions, options, 'sendEventStream');
  if (stream.hasEnded) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { ...eventHeaders, ...options.headers });
  response.flushHeaders();
  const events = eventsOf(stream, options.keepAliveMs ?? keepAliveMsDefault);
  const closed = new AbortController();
  response.once('close', () => {
    closed.abort();
    void events.return(undefined);
  });
  for await (const text of events) {
    if (closed.signal.aborted) break;
    if (!response.write(text)) await once(response, 'drain', { signal: closed.signal }).catch(() => undefined);
  }
  response.end();
}

/** The texts of the events, with a comment wherever nothing came for a while. */
async function* eventsOf(stream: EventStreamSource, keepAliveMs: number): AsyncGenerator<string, undefined> {
  const items = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = items.next();
      for (;;) {
        const result = await withinTime(next, keepAliveMs);
        if (result === undefined) {
          yield comment;
          continue;
        }
        if (result.done === true) return undefined;
        yield eventText(result.value);
        break;
      }
    }
  } catch (thrown) {
    const { code = 'node-failed', message = String(thrown) } = thrown as {
      readonly code?: string;
      readonly message?: string;
    };
    yield `data: ${JSON.stringify({ kind: 'error', code, message })}\n\n`;
    return undefined;
  } finally {
    // Not awaited: a reader that waits for the run to go on hears of this when it does.
    void items.return?.(undefined);
  }
}

function eventText(item: { readonly kind: string; readonly cursor: string }): string {
  // JSON holds no line break, which is what ends a field here.
  return `id: ${item.cursor}\ndata: ${JSON.stringify(item)}\n\n`;
}

async function withinTime<Result>(promise: Promise<Result>, timeMs: number): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
