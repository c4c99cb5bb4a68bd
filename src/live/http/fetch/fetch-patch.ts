import { performing } from '../../../port/performing.ts';
import type { Askers, Starting } from '../options/asker.ts';
import { dispatcherSocket } from './dispatcher/dispatcher-socket.ts';
import { recordFetch } from './fetch-exchange.ts';

/** Wraps `globalThis.fetch`; the returned function removes the wrapper. */
export function patchFetch(askers: Askers): () => void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  const original = globalThis.fetch;
  const wrapper: typeof fetch = function fetch(input, init) {
    const starting: Starting = () => startingOf(input, init);
    const asker = askers.who(starting);
    if (asker?.passes !== undefined) return performing(asker.attempt, () => original(input, init));
    if (asker !== undefined) return recordFetch(asker, original, input, init);
    return askers.passNobodys(
      () => hostOf(input),
      starting,
      () => original(input, init),
    );
  };
  Object.defineProperty(wrapper, 'length', { value: original.length });
  // In a context of `node:vm` it may be an accessor.
  const enumerable = own?.enumerable ?? true;
  Object.defineProperty(globalThis, 'fetch', { value: wrapper, writable: true, configurable: true, enumerable });
  return () => {
    // If somebody wrapped ours meanwhile, theirs stays, and ours inside it only passes calls on.
    if (globalThis.fetch === wrapper && own !== undefined) Object.defineProperty(globalThis, 'fetch', own);
  };
}

function startingOf(input: RequestInfo | URL, init: RequestInit | undefined): ReturnType<Starting> {
  const { url, method } = input instanceof Request ? input : { url: String(input), method: 'GET' };
  const { dispatcher } = (init ?? {}) as { readonly dispatcher?: unknown };
  return { method: init?.method ?? method, url, ...dispatcherSocket(dispatcher) };
}

function hostOf(input: RequestInfo | URL): string {
  const url = input instanceof Request ? input.url : String(input);
  return URL.canParse(url) ? new URL(url).host : url;
}
