// The door of node:http. Interception answers the requests of a replayed node; the ones that it lets pass (they switch
// protocols, or their body is too large to be held) come here when they are given a socket. Until then nothing of them has
// left, and they are taken back without harm to the socket: it goes back to its agent.
//   C1. A request belongs to the attempt that made it, and to its effect where it is sent as one. When an agent gives it a
//       socket, the context may be another's.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import net from 'node:net';
import { keptWith } from '../../../base/kept-with.ts';
import { currentAttempt } from '../../../port/attempt.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import { senderOf } from '../../../port/sent-requests.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { isProcessSealed, refusalTo } from '../outside-rules.ts';

/** Published at the end of the constructor, in the context of the caller. */
const createdChannel = 'http.client.request.created';

const makers = keptWith<ClientRequest, CurrentAttempt | 'nobody'>();

export function openClientRequestDoor(): OutsideDoor {
  const created = (message: unknown): void => {
    makers.set((message as { readonly request: ClientRequest }).request, currentAttempt.getStore() ?? 'nobody');
  };
  subscribe(createdChannel, created);
  return allOf([() => unsubscribe(createdChannel, created), socketDoor()]);
}

function socketDoor(): OutsideDoor {
  return replace(ClientRequest.prototype, 'onSocket', (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const request = this as ClientRequest;
      const refusal = given[0] instanceof net.Socket ? refusalOfRequest(request, door) : undefined;
      if (refusal === undefined) return original.apply(this, given);
      request.destroy(refusal);
      // The socket goes back to its agent, and what waits for it there is no concern of this attempt.
      return currentAttempt.exit(() => original.apply(this, given));
    };
    return door;
  });
}

function refusalOfRequest(request: ClientRequest, door: AnyMethod): Error | undefined {
  // Without an entry it is still being made, by the attempt of this context.
  const maker = senderOf(request) ?? makers.get(request) ?? currentAttempt.getStore() ?? 'nobody';
  const attempt = maker === 'nobody' ? undefined : maker;
  // Only a seal has to know of it: a live run has noted it, and the tripwire sees what the socket sends.
  if (attempt?.seal === undefined && !isProcessSealed()) return undefined;
  const { method, protocol, path } = request;
  const host = String(request.getHeader('host') ?? request.host);
  return refusalTo(attempt, { what: () => `${method} ${protocol}//${host}${path}`, host: () => host }, door);
}
