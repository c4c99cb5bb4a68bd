// A client created before interception began may hold the original `fetch` and call it past our wrapper. That `fetch` still
// sends through the process-wide dispatcher, so it is caught there: the request goes to our recorded `fetch`, and the
// answer is fed back. The caller then follows redirects itself, so each hop is its own exchange.
import { fetchCaller } from './dispatch-caller.ts';
import type { DispatchHandler } from './dispatch-caller.ts';
import { feedAnswer } from './dispatcher-feed.ts';
import type { Asker, WhoIsAsking } from '../asker.ts';
import { requestBytesMax } from '../exchange.ts';
import { recordFetch } from './fetch-exchange.ts';

/** Where `fetch` and the undici package look up their dispatcher, by version: a contract between the two. */
const dispatcherKeys = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

interface DispatchOptions {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly upgrade?: unknown;
}

interface Dispatcher {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
}

/** Most likely the `fetch` that such clients hold. */
const keptFetch = globalThis.fetch;

export function patchDispatcher(whoIsAsking: WhoIsAsking): () => void {
  // Node creates its dispatcher when one of these classes is first used.
  void new Response(null);
  const restores = dispatcherKeys.map((key) => patchAt(key, whoIsAsking));
  return () => {
    for (const restore of restores) restore();
  };
}

function patchAt(key: symbol, whoIsAsking: WhoIsAsking): () => void {
  const holder = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  const original = holder[key];
  if (original === undefined) return () => undefined;
  const dispatch = (options: DispatchOptions, handler: DispatchHandler): boolean => {
    const asker = whoIsAsking();
    if (asker === undefined || !isDiverted(asker, options, handler)) return original.dispatch(options, handler);
    return true;
  };
  const patched = new Proxy(original, {
    get(target, name) {
      if (name === 'dispatch') return dispatch;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
  holder[key] = patched;
  return () => {
    if (holder[key] === patched) holder[key] = original;
  };
}

/** Hands a request to our `fetch` if it can be recorded; otherwise the run's summary reports it. */
function isDiverted(asker: Asker, options: DispatchOptions, handler: DispatchHandler): boolean {
  const headers = new Headers(options.headers as Record<string, string>);
  const { origin } = new URL(String(options.origin));
  const caller = fetchCaller(handler);
  const isTooLarge = Number(headers.get('content-length') ?? 0) > requestBytesMax;
  if (caller === undefined || isTooLarge || options.upgrade) {
    asker.attempt.noteUnrecorded(`${options.method} ${origin}: it was not made by fetch or node:http`);
    return false;
  }
  const stop = new AbortController();
  const url = `${origin}${options.path}`;
  const answer = (async () => {
    const body = await bodyToSend(options.body, headers);
    for (const name of connectionHeaders) headers.delete(name);
    const init = { method: options.method, headers, redirect: 'manual', signal: stop.signal, ...body } as const;
    return recordFetch(asker, keptFetch, url, init);
  })();
  feedAnswer(answer, caller, (reason) => stop.abort(reason));
  return true;
}

/** Headers that the connection sets itself: passed on, they would be refused or sent twice. */
const connectionHeaders = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
];

/** A body of known length is sent with its length and any other in chunks, as each would have been without us. */
async function bodyToSend(body: unknown, headers: Headers): Promise<RequestInit> {
  if (body === null || body === undefined) return {};
  if (!headers.has('content-length')) return { body: body as BodyInit, duplex: 'half' } as RequestInit;
  return { body: await new Response(body as BodyInit).bytes() };
}
