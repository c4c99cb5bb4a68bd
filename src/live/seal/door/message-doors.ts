// The doors of messages to other threads: a worker that was started before is as far outside as a server.
//   M1. A worker's own channel to the thread that started it is like the standard streams, and passes. So does what Node
//       sends by itself.
//   M2. A pair of ports that was made since the doors stand reaches nobody else until one of them is given away. Of older
//       pairs nobody knows where the other end is, so they count as outside.
import workerThreads, { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { rawStack } from '../../caller-stack.ts';
import { replace } from '../method-door.ts';
import type { AnyMethod } from '../method-door.ts';
import { allOf } from '../outside-door.ts';
import type { OutsideDoor } from '../outside-door.ts';
import { hasAttemptOrWatch, refusalOf } from '../outside-rules.ts';
import { show } from '../target-text.ts';

/** Ports whose other end is in this thread, by port. */
const peers = new WeakMap<object, object>();

/** A worker is being started, and its own door has been asked. */
let isStarting = false;

export function openMessageDoors(): OutsideDoor {
  return allOf([workerDoor(), channelDoor(), portDoor(), broadcastDoor()]);
}

function workerDoor(): OutsideDoor {
  const original = workerThreads.Worker;
  workerThreads.Worker = class Worker extends original {
    constructor(...given: ConstructorParameters<typeof original>) {
      const what = (): string =>
        given[1]?.eval === true ? 'a worker thread (eval)' : `a worker thread (${show(given[0])})`;
      const refusal = refusalOf({ what, host: what, bytes: 0 }, Worker);
      if (refusal !== undefined) throw refusal;
      isStarting = true;
      try {
        super(...given);
      } finally {
        isStarting = false;
      }
    }
  };
  const replacement = workerThreads.Worker;
  return () => {
    if (workerThreads.Worker === replacement) workerThreads.Worker = original;
  };
}

/** Knows which ports belong together. A proxy, since the class has neither name nor statics to be told apart by. */
function channelDoor(): OutsideDoor {
  const original = globalThis.MessageChannel;
  const replacement = new Proxy(original, {
    construct(target, given, newTarget) {
      const channel = Reflect.construct(target, given, newTarget) as MessageChannel;
      peers.set(channel.port1, channel.port2).set(channel.port2, channel.port1);
      return channel;
    },
  });
  return allOf([globalThis, workerThreads].map((holder) => replaceValue(holder, 'MessageChannel', replacement)));
}

function replaceValue(holder: object, name: string, replacement: unknown): OutsideDoor {
  const own = Object.getOwnPropertyDescriptor(holder, name) as PropertyDescriptor;
  const { enumerable = true } = own;
  Object.defineProperty(holder, name, { configurable: true, writable: true, enumerable, value: replacement });
  return () => {
    if ((holder as Record<string, unknown>)[name] === replacement) Object.defineProperty(holder, name, own);
  };
}

/** `postMessage` of a worker calls that of its port, so this is the door of both. */
function portDoor(): OutsideDoor {
  return replace(MessagePort.prototype, 'postMessage', (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      if (hasAttemptOrWatch() && !isOfParent(this as object) && !peers.has(this as object)) refuseMessage(door);
      giveAway(given[1]);
      return original.apply(this, given);
    };
    return door;
  });
}

/** @throws the error with which the message is refused */
function refuseMessage(door: AnyMethod): void {
  const what = messageOf(rawStack(door));
  if (what === undefined) return;
  const refusal = refusalOf({ what: () => what, host: () => what, bytes: 0 }, door);
  if (refusal !== undefined) throw refusal;
}

/** Undefined for what Node sends by itself: its loader, its streams, the standard streams of a worker. */
function messageOf(stack: readonly string[]): string | undefined {
  const caller = stack.find((frame) => !frame.includes('(node:internal/worker:')) ?? '';
  if (/\(?node:internal\/(?:modules|process|bootstrap|webstreams|url)/.test(caller)) return undefined;
  if (caller.includes('node:internal/worker/io'))
    return isMainThread && caller.includes('WritableWorkerStdio') ? 'a write to a worker thread' : undefined;
  if (stack[0]?.includes('new Worker (node:internal/worker:') === true)
    return isStarting ? undefined : 'a worker thread';
  return 'a message to a worker thread';
}

function isOfParent(port: object): boolean {
  if (port === parentPort) return true;
  return typeof workerData === 'object' && workerData !== null && Object.values(workerData as object).includes(port);
}

function giveAway(options: unknown): void {
  const list = Array.isArray(options) ? options : (options as { transfer?: unknown } | undefined)?.transfer;
  if (!Array.isArray(list)) return;
  for (const port of list as readonly object[]) {
    const peer = peers.get(port);
    if (peer === undefined) continue;
    peers.delete(peer);
    peers.delete(port);
  }
}

function broadcastDoor(): OutsideDoor {
  return replace(BroadcastChannel.prototype, 'postMessage', (original) => {
    const door: AnyMethod = function (this: unknown, ...given) {
      const { name } = this as { readonly name: string };
      const what = (): string => `a message to the channel "${name}"`;
      const refusal = hasAttemptOrWatch() ? refusalOf({ what, host: what, bytes: 0 }, door) : undefined;
      if (refusal !== undefined) throw refusal;
      return original.apply(this, given);
    };
    return door;
  });
}
