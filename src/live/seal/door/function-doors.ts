// Doors in front of the functions that open something: sockets, look-ups, datagrams, processes.
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';
import { currentAttempt } from '../../../port/attempt.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { refusalOf } from '../outside-rules.ts';
import { rememberDestination } from './socket-door.ts';
import { byteCount, hostOf, show, target } from '../target-text.ts';

interface FunctionDoor {
  readonly holder: object;
  readonly name: string;
  readonly what: (given: readonly unknown[]) => string;
  readonly host?: (given: readonly unknown[]) => string;
  /** Set for what sends, and for what runs code where there are no doors: how many bytes. */
  readonly bytes?: (given: readonly unknown[]) => number;
  /** Its caller expects a promise. */
  readonly isAsync?: boolean;
  /** Whom it stands in the way of, where the door of the socket that it opens or writes to is enough for all others. */
  readonly only?: 'nodes' | 'replays';
}

const lookUp = (given: readonly unknown[]): string => `a DNS look-up of ${show(given[0])}`;
const run = (given: readonly unknown[]): string => `a child process (${show(given[0])})`;
const firstHost = (given: readonly unknown[]): string => hostOf(given[0]);

const doors: readonly FunctionDoor[] = [
  {
    holder: http2,
    name: 'connect',
    what: (given) => `an HTTP/2 connection to ${show(given[0])}`,
    host: firstHost,
    only: 'nodes',
  },
  {
    holder: tls,
    name: 'connect',
    what: (given) => `a TLS connection to ${target(given)}`,
    host: target,
    only: 'nodes',
  },
  { holder: dgram.Socket.prototype, name: 'send', what: datagram, host: datagramHost, bytes: datagramBytes },
  { holder: dgram.Socket.prototype, name: 'bind', what: () => 'a UDP socket' },
  { holder: dgram.Socket.prototype, name: 'connect', what: () => 'a UDP socket' },
  ...lookUps(dns, false),
  ...lookUps(dns.Resolver.prototype, false),
  ...lookUps(dns.promises, true),
  ...lookUps(dns.promises.Resolver.prototype, true),
  // Underneath `spawn`, `exec` and `fork`: their promisified forms bypass the functions that the module exports.
  {
    holder: childProcess.ChildProcess.prototype,
    name: 'spawn',
    what: ([options]) => `a child process (${show((options as { file?: unknown } | undefined)?.file)})`,
    bytes: () => 0,
  },
  ...['spawnSync', 'execSync', 'execFileSync'].map((name) => ({
    holder: childProcess,
    name,
    what: run,
    bytes: () => 0,
  })),
  // One that is open already sends its messages through a queue of its own.
  { holder: WebSocket.prototype, name: 'send', what: () => 'a message over an open WebSocket', only: 'replays' },
];

function lookUps(holder: object, isAsync: boolean): readonly FunctionDoor[] {
  return Object.getOwnPropertyNames(holder)
    .filter((name) => /^(?:lookup|lookupService|reverse|resolve.*)$/.test(name))
    .filter((name) => typeof (holder as Record<string, unknown>)[name] === 'function')
    .map((name) => ({ holder, name, what: lookUp, isAsync }));
}

/** The address stands behind the bytes and, if they are cut, their offset and length. A connected socket names none. */
function datagramAddress(given: readonly unknown[]): readonly unknown[] {
  const places = given.filter((item) => typeof item !== 'function').slice(1);
  return places.length > 2 ? places.slice(2) : places;
}

function datagramHost(given: readonly unknown[]): string {
  const [port, address] = datagramAddress(given);
  return port === undefined ? 'a connected UDP socket' : `${show(address ?? 'localhost')}:${show(port)}`;
}

function datagram(given: readonly unknown[]): string {
  return `a UDP datagram to ${datagramHost(given)}`;
}

function datagramBytes([message]: readonly unknown[]): number {
  const parts = Array.isArray(message) ? message : [message];
  return parts.reduce<number>((sum, part) => sum + byteCount(part, undefined), 0);
}

export function openFunctionDoors(): OutsideDoor {
  return allOf([...doors.map(doorOf), connectDoor()]);
}

function doorOf({ holder, name, what, host = what, bytes, isAsync = false, only }: FunctionDoor): OutsideDoor {
  return replace(holder, name, (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      if (only !== undefined && !isMeant(only)) return original.apply(this, given);
      const size = bytes === undefined ? {} : { bytes: bytes(given) };
      const refusal = refusalOf({ what: () => what(given), host: () => host(given), ...size }, door);
      if (refusal === undefined) return original.apply(this, given);
      if (isAsync) return Promise.reject(refusal);
      throw refusal;
    };
    return door;
  });
}

function isMeant(only: 'nodes' | 'replays'): boolean {
  const attempt = currentAttempt.getStore();
  return only === 'nodes' ? attempt !== undefined : attempt?.seal !== undefined;
}

/**
 * A node gets the refusal at once, where its stack still tells which line it was. Outside of any node it comes as the
 * error of a connection that failed: nobody there would catch it.
 */
function connectDoor(): OutsideDoor {
  return replace(net.Socket.prototype, 'connect', (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const to = target(given);
      const what = (): string => (to.includes('/') ? `a connection to the socket ${to}` : `a TCP connection to ${to}`);
      const refusal = refusalOf({ what, host: () => to, kind: 'connection' }, door);
      rememberDestination(this as net.Socket, to);
      if (refusal === undefined) return original.apply(this, given);
      if (currentAttempt.getStore()?.seal !== undefined) throw refusal;
      return (this as net.Socket).destroy(refusal);
    };
    return door;
  });
}
