// The door of undici, for Node's own copy and every copy of the package: a request is announced before anything of it is
// sent, and can be failed then.
//   U1. A request that an attempt of a replay made is failed before a byte of it leaves. If it were sent all the same, by a
//       version of undici that is not known yet, it would be counted.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Stream } from 'node:stream';
import type { EndpointRequest } from '../../../journal/http/endpoint-pattern.ts';
import { currentAttempt } from '../../../port/attempt.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import type { DispatcherCopies } from '../dispatcher-copies.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { refusalOf } from '../outside-rules.ts';
import type { Leaving } from '../outside-rules.ts';
import { hostOf } from '../target-text.ts';

/** A request of undici, up to version 7 and since version 8. */
interface UndiciRequest {
  readonly origin?: unknown;
  readonly path?: unknown;
  readonly method?: unknown;
  readonly body?: unknown;
  readonly upgrade?: unknown;
  onError?(error: Error): void;
  onResponseError?(error: Error): void;
}

const createdChannel = 'undici:request:create';
const sentChannel = 'undici:client:sendHeaders';

/** Sockets that only undici writes to. */
const sockets = new WeakSet<object>();

/** Whether what this socket sends belongs to requests that had their own door. */
export function isSocketOfUndici(socket: object): boolean {
  return sockets.has(socket);
}

/** Who made a request that was refused. */
const refused = new WeakMap<object, CurrentAttempt>();

export function openUndiciDoors(copies: DispatcherCopies): OutsideDoor {
  const created = (message: unknown): void => {
    const { request } = message as { readonly request: UndiciRequest };
    copies.requestMade(request);
    const refusal = refusalOf(leavingOf(request), created);
    if (refusal === undefined) return;
    const attempt = currentAttempt.getStore();
    if (attempt !== undefined) refused.set(request, attempt);
    fail(request, refusal);
  };
  const sent = (message: unknown): void => {
    const { request, socket } = message as { readonly request: UndiciRequest; readonly socket: object };
    // A socket that switches protocols belongs to the caller from then on.
    if (request.upgrade || request.method === 'CONNECT') sockets.delete(socket);
    else sockets.add(socket);
    const { at, node, seal } = refused.get(request) ?? {};
    if (at !== undefined && node !== undefined) seal?.left({ what: leavingOf(request).what(), at, node, stack: '' });
  };
  subscribe(createdChannel, created);
  subscribe(sentChannel, sent);
  return allOf([
    () => unsubscribe(createdChannel, created),
    () => unsubscribe(sentChannel, sent),
    () => copies.release(),
  ]);
}

function fail(request: UndiciRequest, refusal: Error): void {
  // undici destroys the stream of the body with the error, after it has stopped listening to it.
  if (request.body instanceof Stream) request.body.on('error', () => undefined);
  if (request.onError === undefined) request.onResponseError?.(refusal);
  else request.onError(refusal);
}

function leavingOf({ method, origin, path }: UndiciRequest): Leaving {
  const url = `${origin}${path}`;
  const request = (): EndpointRequest | undefined =>
    URL.canParse(url) ? { method: String(method), url: new URL(url) } : undefined;
  return { what: () => `${method} ${url}`, host: () => hostOf(origin), kind: 'request', request };
}
