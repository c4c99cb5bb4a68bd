// Below the doors: what all writes pass, however they were called. A function that was bound or taken off its object before
// the doors were put up does not come through them.
//   W1. Only what the code of an attempt writes is looked at here. What the doors let pass for it, they have noted.
//   W2. A refused write is dropped, so that the connection is unharmed, and its caller gets the error.
//   W3. What can be seen only when it is on its way counts as left.
import dgram from 'node:dgram';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import net from 'node:net';
import { currentAttempt } from '../../port/attempt.ts';
import type { CurrentAttempt } from '../../port/attempt.ts';
import { callerStack } from '../caller-stack.ts';
import { replace } from './method-door.ts';
import type { AnyMethod } from './method-door.ts';
import { allOf } from './outside-door.ts';
import type { OutsideDoor } from './outside-door.ts';
import { refusalTo } from './outside-rules.ts';
import { isConnection, refusalToSend, sendsFreely } from './door/socket-door.ts';
import type { AnySocket } from './door/socket-door.ts';

const writes = ['writev', 'writeBuffer', 'writeAsciiString', 'writeUtf8String', 'writeUcs2String', 'writeLatin1String'];

export function openWriteTripwire(): OutsideDoor {
  found ??= prototypes();
  const { stream, datagram } = found;
  const handles = stream === undefined ? [] : writes.map((name) => handleDoor(stream, name));
  const sends = datagram === undefined ? [] : ['send', 'send6'].map((name) => datagramDoor(datagram, name));
  return allOf([socketDoor(), ...handles, ...sends, http2Tripwire()]);
}

/** The same as long as this process lives. */
let found: ReturnType<typeof prototypes> | undefined;

/** Node exports neither class of handles: a socket that never gets an address, and one that is not bound, have one. */
function prototypes(): { readonly stream: object | undefined; readonly datagram: object | undefined } {
  const socket = new net.Socket();
  socket.connect({ host: 'localhost', port: 1, lookup: () => undefined });
  const stream = holderOf((socket as unknown as { _handle?: object })._handle, 'writeUtf8String');
  socket.destroy();
  const unbound = dgram.createSocket('udp4');
  const state = ownBySymbol(unbound, 'state symbol') as { readonly handle?: object } | undefined;
  const datagram = holderOf(state?.handle, 'send');
  unbound.close();
  return { stream, datagram };
}

function holderOf(from: object | undefined, name: string): object | undefined {
  let holder: object | null = from ?? null;
  while (holder !== null && !Object.hasOwn(holder, name)) holder = Object.getPrototypeOf(holder) as object | null;
  return holder ?? undefined;
}

function ownBySymbol(holder: object, description: string): unknown {
  const symbol = Object.getOwnPropertySymbols(holder).find((own) => own.description === description);
  return symbol === undefined ? undefined : (holder as Record<symbol, unknown>)[symbol];
}

/** The attempt whose code writes, if anybody has to know of it. */
function writer(): CurrentAttempt | undefined {
  const attempt = currentAttempt.getStore();
  return attempt !== undefined && (attempt.seal !== undefined || attempt.isOpen) ? attempt : undefined;
}

/** What TCP, Unix and TLS sockets, and pipes to child processes, write. */
function socketDoor(): OutsideDoor {
  return replace(net.Socket.prototype, '_writeGeneric', (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const socket = this as AnySocket;
      const attempt = writer();
      if (attempt !== undefined && sendsFreely(attempt, socket)) return passedOn(original, this, given);
      if (attempt === undefined || !isConnection(socket)) return original.apply(this, given);
      const [isMany, data, encoding, written] = given as [boolean, unknown, unknown, (error?: Error) => void];
      const chunk = isMany ? (data as readonly { readonly chunk: unknown }[])[0]?.chunk : data;
      const refusal = refusalToSend(socket, [chunk, encoding], door);
      if (refusal === undefined) return passedOn(original, this, given);
      // Behind another write, nobody is left to be told.
      if (callerStack(door).length === 0) return written(refusal);
      // What others have written meanwhile follows, and is not the node's.
      currentAttempt.exit(() => process.nextTick(written));
      throw refusal;
    };
    return door;
  });
}

/** What a socket writes to its handle has been looked at. */
let isPassedOn = false;

function passedOn(write: AnyMethod, socket: unknown, given: unknown[]): unknown {
  isPassedOn = true;
  try {
    return write.apply(socket, given);
  } finally {
    isPassedOn = false;
  }
}

/** What is written to a handle itself: messages to child processes, mostly. */
function handleDoor(prototype: object, name: string): OutsideDoor {
  return replace(prototype, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const attempt = isPassedOn ? undefined : writer();
      const what = attempt === undefined ? undefined : whatIsWritten(this as object, attempt);
      const refusal = what === undefined ? undefined : refusalTo(attempt, { what: () => what, host: () => what }, door);
      if (refusal !== undefined) throw refusal;
      return original.apply(this, given);
    };
    return door;
  });
}

/** A handle that no socket owns is the channel to a child process; that to the parent passes. */
function whatIsWritten(handle: object, { seal }: CurrentAttempt): string | undefined {
  const owner = ownBySymbol(handle, 'owner_symbol');
  if (owner instanceof net.Socket)
    return seal !== undefined && isConnection(owner) ? 'a write to the handle of an open connection' : undefined;
  if (owner !== undefined || handle === ownBySymbol(process, 'kChannelHandle')) return undefined;
  return 'a message to a child process';
}

/** What a node of a live run sends was noted when its socket was asked. */
function datagramDoor(prototype: object, name: string): OutsideDoor {
  return replace(prototype, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const attempt = currentAttempt.getStore();
      if (attempt?.seal === undefined) return original.apply(this, given);
      const refusal = refusalTo(attempt, { what: () => 'a UDP datagram', host: () => 'an open UDP socket' }, door);
      if (refusal !== undefined) throw refusal;
      return original.apply(this, given);
    };
    return door;
  });
}

const streamChannel = 'http2.client.stream.created';

/** A session writes below all of this. Node announces its streams, and a request that did not come through its door left. */
function http2Tripwire(): OutsideDoor {
  const created = (): void => {
    const attempt = currentAttempt.getStore();
    if (attempt?.seal === undefined) return;
    const call = { what: 'a request over HTTP/2', at: attempt.at, node: attempt.node, stack: '' };
    const refusal = refusalTo(attempt, { what: () => call.what, host: () => 'an HTTP/2 server' }, created);
    if (refusal !== undefined) attempt.seal.left(call);
  };
  subscribe(streamChannel, created);
  return () => void unsubscribe(streamChannel, created);
}
