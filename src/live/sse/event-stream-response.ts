import { checkOptions, noOptions } from '../../base/options/option-shape.ts';
import { eventHeaders, eventTexts, eventStreamOptions, jsonHeaders, plainAnswer } from './event-stream.ts';
import type { SentItem } from './sent-item.ts';
import type { EventStreamOptions, EventStreamSource } from './event-stream.ts';

/**
 * A web `Response` that streams a run to a browser as server-sent events.
 *
 * Each item is one event: its JSON is the `data` (for a chunk without `delta`), and its cursor is the `id`. By default
 * chunks, questions and the status of the run are sent; `select` chooses otherwise. Items are read as fast as the browser
 * takes them. When the browser disconnects the reader ends and the run continues. If it comes back after the run has
 * ended or paused, or if there is no such run, the answer is a 204, which tells it to stop. A `Last-Event-ID` that is no
 * cursor of the run is a 400 with the code `cursor-invalid`.
 *
 * ```ts
 * import { createEngine, fields, graph, text } from 'reprise';
 * import { eventStreamResponse, lastEventId } from 'reprise/sse';
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
 * const chunks = events.map((data) => /"chunk":({.*?})/.exec(data)?.[1]);
 * console.log(chunks.filter(Boolean).join()); // {"answer":"Hello "},{"answer":"world"}
 * await engine.close();
 * ```
 */
export function eventStreamResponse<Item extends SentItem>(
  stream: EventStreamSource<Item>,
  options: EventStreamOptions<Item> = noOptions,
): Response {
  checkOptions(eventStreamOptions, options, 'eventStreamResponse');
  const plain = plainAnswer(stream);
  if (plain?.status === 204) return new Response(null, { status: 204 });
  if (plain !== undefined) return new Response(plain.json, { status: plain.status, headers: jsonHeaders });
  const texts = eventTexts(stream, options);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await texts.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return(undefined);
    },
  });
  return new Response(body, { headers: eventHeaders(options) });
}
