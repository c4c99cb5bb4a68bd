import { recordFetch } from './fetch-exchange.ts';
import type { Askers } from '../asker.ts';

/** Wraps `globalThis.fetch`; the returned function removes the wrapper. */
export function patchFetch(askers: Askers): () => void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  const original = globalThis.fetch;
  const wrapper: typeof fetch = function fetch(input, init) {
    const asker = askers.who();
    if (asker !== undefined) return recordFetch(asker, original, input, init);
    return askers.passNobodys(
      () => hostOf(input),
      () => original(input, init),
    );
  };
  Object.defineProperty(wrapper, 'length', { value: original.length });
  Object.defineProperty(globalThis, 'fetch', { ...own, value: wrapper });
  return () => {
    // If somebody wrapped ours meanwhile, theirs stays, and ours inside it only passes calls on.
    if (globalThis.fetch === wrapper && own !== undefined) Object.defineProperty(globalThis, 'fetch', own);
  };
}

function hostOf(input: RequestInfo | URL): string {
  const url = input instanceof Request ? input.url : String(input);
  return URL.canParse(url) ? new URL(url).host : url;
}
