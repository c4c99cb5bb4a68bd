import type { IncomingMessage } from 'node:http';

/**
 * The cursor that a browser sends when it reconnects (`Last-Event-ID`). Pass it to `engine.read` as `from`. Undefined on
 * the first connection.
 */
export function lastEventId(request: Request | IncomingMessage): string | undefined {
  const { headers } = request;
  const given = headers instanceof Headers ? headers.get('last-event-id') : headers['last-event-id'];
  return typeof given === 'string' && given !== '' ? given : undefined;
}
