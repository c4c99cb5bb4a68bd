// The door `reprise/sse`: runs as server-sent events, for browsers.
export { eventStreamResponse } from './event-stream-response.ts';
export { lastEventId } from './last-event-id.ts';
export { sendEventStream } from './send-event-stream.ts';
export type { EventStreamOptions, EventStreamSource } from './event-stream.ts';
export type { SentItem } from './sent-item.ts';
