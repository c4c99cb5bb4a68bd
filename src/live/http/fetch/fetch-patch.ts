import { recordFetch } from './fetch-exchange.ts';
import type { WhoIsAsking } from '../asker.ts';

/** Wraps `globalThis.fetch`; the returned function removes the wrapper. */
export function patchFetch(whoIsAsking: WhoIsAsking): () => void {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  const original = globalThis.fetch;
  const wrapper: typeof fetch = function fetch(input, init) {
    const asker = whoIsAsking();
    return asker === undefined ? original(input, init) : recordFetch(asker, original, input, init);
  };
  Object.defineProperty(wrapper, 'length', { value: original.length });
  Object.defineProperty(globalThis, 'fetch', { ...own, value: wrapper });
  return () => {
    // If somebody wrapped ours meanwhile, theirs stays, and ours inside it only passes calls on.
    if (globalThis.fetch === wrapper && own !== undefined) Object.defineProperty(globalThis, 'fetch', own);
  };
}
