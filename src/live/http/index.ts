// The door `reprise/http`: HTTP of unchanged nodes as recorded effects.
export { httpEffects } from './http-effects.ts';
export type { HttpEffectsOptions, SentRequest } from './http-options.ts';
export { eventStreamResponse, lastEventId, sendEventStream } from '../event-stream.ts';
export type { EventStreamOptions, EventStreamSource } from '../event-stream.ts';
