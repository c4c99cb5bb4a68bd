// The door in front of what is sent over a connection that is open already. It stands at `write`, where the caller's
// context is: what is queued behind another write leaves in the context of that one.
import { ClientRequest } from 'node:http';
import net from 'node:net';
import { currentAttempt } from '../../../port/attempt.ts';
import type { CurrentAttempt } from '../../../port/attempt.ts';
import { senderOf } from '../../../port/sent-requests.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { isProcessWatched, refusalTo } from '../outside-rules.ts';
import { byteCount } from '../target-text.ts';
import { isSocketOfUndici } from './undici-door.ts';

/** What Node keeps of a socket beyond its documented fields. */
export interface AnySocket extends net.Socket {
  readonly _host?: string | null;
  readonly _handle?: object | null;
  readonly _httpMessage?: object | null;
  readonly _isStdio?: boolean;
  /** The server that accepted it. */
  readonly server?: object | null;
}

export function openSocketDoors(): OutsideDoor {
  return allOf([sendDoor('write'), sendDoor('end')]);
}

function sendDoor(name: 'write' | 'end'): OutsideDoor {
  return replace(net.Socket.prototype, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const current = currentAttempt.getStore();
      if (current === undefined && !isProcessWatched()) return original.apply(this, given);
      const socket = this as AnySocket;
      if (current !== undefined && sendsFreely(current, socket)) return original.apply(this, given);
      if (!isConnection(socket)) return original.apply(this, given);
      const refusal = refusalToSend(socket, given, door);
      if (refusal === undefined) return original.apply(this, given);
      if (currentAttempt.getStore()?.seal !== undefined) throw refusal;
      // Nobody would catch it here: the owner of the socket hears that the connection broke.
      socket.destroy(refusal);
      return name === 'end' ? socket : false;
    };
    return door;
  });
}

/** What the effect of an open attempt of a live run sends over a socket of its own is refused to nobody, and not noted. */
export function sendsFreely(attempt: CurrentAttempt, { _httpMessage: message }: AnySocket): boolean {
  if (attempt.isPerforming !== true || attempt.seal !== undefined || !attempt.isOpen) return false;
  return message === undefined || message === null || senderOf(message) === attempt;
}

export function refusalToSend(socket: AnySocket, given: readonly unknown[], door: AnyMethod): Error | undefined {
  // A request belongs to the attempt that made it, which was asked about then. A queue may send it in any context.
  const isUndici = isSocketOfUndici(socket);
  const request = socket._httpMessage instanceof ClientRequest ? socket._httpMessage : undefined;
  const isHttp = isUndici || request !== undefined;
  const attempt = (request === undefined ? undefined : senderOf(request)) ?? currentAttempt.getStore();
  const isSealed = attempt?.seal !== undefined && !isUndici;
  // What a server answers is no traffic of its own, unless it is a node that writes it.
  if (!isSealed && (isHttp ? attempt?.isOpen === true : isAccepted(socket))) return undefined;
  const bytes = byteCount(given[0], given[1]);
  if (bytes === 0) return undefined;
  const host = (): string => otherEnd(socket);
  const what = (): string => `a write to ${host()} over an open connection`;
  return refusalTo(isHttp && !isSealed ? undefined : attempt, { what, host, bytes }, door);
}

/** A mocking library has sockets with handles of its own. */
const handleNames = new Set(['TCP', 'Pipe', 'TLSWrap']);
/** Node looks for the name of one of its own classes each time. */
const handleClasses = new WeakMap<object, boolean>();

function isHandle(handle: object): boolean {
  const kind = handle.constructor;
  let isKnown = handleClasses.get(kind);
  if (isKnown === undefined) {
    isKnown = handleNames.has(kind.name);
    handleClasses.set(kind, isKnown);
  }
  return isKnown;
}

/** Whether bytes that are written to it reach somebody. The standard streams are sockets too, and are let alone. */
export function isConnection(socket: AnySocket): boolean {
  const { _handle: handle } = socket;
  return socket._isStdio !== true && !socket.destroyed && handle !== null && handle !== undefined && isHandle(handle);
}

function isAccepted(socket: AnySocket): boolean {
  return socket.server !== undefined && socket.server !== null;
}

/** Where sockets were connected to since the doors stand. */
const destinations = new WeakMap<object, string>();

export function rememberDestination(socket: object, to: string): void {
  destinations.set(socket, to);
}

function otherEnd(socket: AnySocket): string {
  const known = destinations.get(socket);
  if (known !== undefined) return known;
  const { _host: name, remoteAddress, remotePort } = socket;
  if (remotePort !== undefined) return `${name ?? remoteAddress}:${remotePort}`;
  return name ?? 'a Unix socket or pipe';
}
