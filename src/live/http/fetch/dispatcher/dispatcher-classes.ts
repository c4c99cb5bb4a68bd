// Dispatchers that a client makes for itself, with the undici package: agents, pools and clients of each copy that has been
// loaded, except for copies in a bundle, which nobody can find.
//   C1. A method that somebody has replaced since stays inside theirs, and is put up once.
import { tracingChannel } from 'node:diagnostics_channel';
import { currentAttempt } from '../../../../port/attempt.ts';
import { prototypesIn } from '../../../seal/loaded-packages.ts';
import { replace } from '../../../seal/method-door.ts';
import type { AnyMethod } from '../../../seal/method-door.ts';
import type { Dispatch, DispatchHandler, DispatchOptions } from './dispatch-caller.ts';

const baseFile = /[\\/]undici[^\\/]*[\\/]lib[\\/](?:dispatcher[\\/])?dispatcher-base\.js$/;
const baseModule = /dispatcher-base(?:\.js)?$/;

/** A dispatcher that a client has made. */
export interface OwnDispatcher {
  readonly dispatcher: object;
  readonly send: Dispatch;
  /** Where it sends requests that name no origin. */
  readonly origin: unknown;
}

export type DispatchOwn = (options: DispatchOptions, handler: DispatchHandler, own: OwnDispatcher) => boolean;

let dispatchOwn: DispatchOwn | undefined;
const undos = new Map<object, () => void>();

/** `known`: dispatchers whose copy of undici is in no package. The returned function stops it. */
export function patchDispatcherClasses(known: readonly object[], dispatch: DispatchOwn): () => void {
  dispatchOwn = dispatch;
  for (const dispatcher of known) patchOwner(dispatcher);
  for (const prototype of prototypesIn(baseFile)) patch(prototype);
  const loading = tracingChannel('module.require');
  const loaded = {
    end: (message: unknown) => {
      const { id, result } = message as { readonly id?: unknown; readonly result?: { readonly prototype?: object } };
      if (typeof id === 'string' && baseModule.test(id) && result?.prototype !== undefined) patch(result.prototype);
    },
  };
  loading.subscribe(loaded as never);
  return () => {
    loading.unsubscribe(loaded as never);
    dispatchOwn = undefined;
    for (const undo of undos.values()) undo();
  };
}

function patchOwner(dispatcher: object): void {
  for (let owner = prototypeOf(dispatcher); owner !== null; owner = prototypeOf(owner)) {
    if (!Object.hasOwn(owner, 'dispatch')) continue;
    patch(owner);
    return;
  }
}

const prototypeOf = (given: object): object | null => Object.getPrototypeOf(given) as object | null;

function patch(prototype: object): void {
  if (undos.has(prototype) || typeof (prototype as { readonly dispatch?: unknown }).dispatch !== 'function') return;
  let method: AnyMethod | undefined;
  const restore = replace(prototype, 'dispatch', (original) => {
    method = function (this: unknown, ...given) {
      const current = currentAttempt.getStore();
      if (dispatchOwn === undefined || current === undefined || current.isPerforming === true)
        return original.apply(this, given);
      const send: Dispatch = (...sent) => original.apply(this, sent) as boolean;
      const [options, handler] = given as [DispatchOptions, DispatchHandler];
      if (!isObject(options) || !isObject(handler)) return original.apply(this, given);
      return dispatchOwn(options, handler, { dispatcher: this as object, send, origin: originOf(this as object) });
    };
    return method;
  });
  undos.set(prototype, () => {
    if ((prototype as { readonly dispatch?: unknown }).dispatch !== method) return;
    restore();
    undos.delete(prototype);
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Clients and pools keep their address under a symbol. One that chooses among several is known by the first of them. */
function originOf(dispatcher: object): unknown {
  const { upstreams } = dispatcher as { readonly upstreams?: unknown };
  if (Array.isArray(upstreams)) return upstreams[0];
  const key = Object.getOwnPropertySymbols(dispatcher).find(({ description }) => description === 'url');
  return key === undefined ? undefined : (dispatcher as Record<symbol, unknown>)[key];
}
