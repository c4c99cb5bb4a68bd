// One `fetch` of a node: answered from the journal, or sent unchanged and recorded. A fetch with all its redirects is one
// exchange, which is how the caller sees it.
import { performing } from '../../../port/performing.ts';
import type { Asker } from '../asker.ts';
import { Exchange, noteOversized } from '../exchange.ts';
import type { Asked } from '../exchange.ts';
import { answeredResponse, tappedResponse } from './fetch-response.ts';
import { dispatcherSocket } from './dispatcher-socket.ts';
import { gatherBody, restOfBody } from './request-body.ts';

type Fetch = typeof fetch;
type Bytes = Uint8Array<ArrayBuffer>;

export async function recordFetch(
  asker: Asker,
  original: Fetch,
  ...[input, init]: Parameters<Fetch>
): Promise<Response> {
  // An invalid call fails in this constructor with the same error as in `fetch` itself.
  // It draws the boundary of a form, which no node has asked for.
  const request = performing(asker.attempt, () => new Request(input, init));
  const isHttp = /^https?:/.test(request.url);
  // An aborted call sends nothing, and `data:` and `blob:` do not reach the network.
  if (!isHttp || request.signal.aborted) return original(request);
  const body = request.body === null ? undefined : await gatherBody(request.body, request.signal);
  if (body?.isWhole === false) {
    noteOversized(asker, request);
    return performing(asker.attempt, () => original(request, { body: restOfBody(body), ...halfDuplex }));
  }
  const sent: SentFetch = {
    request,
    body: body?.bytes,
    dispatcher: (init as { readonly dispatcher?: unknown } | undefined)?.dispatcher,
    framing: isStream(init) ? 'chunked' : 'length',
    signal: callerSignal(input, init),
  };
  return new FetchExchange(asker, sent).answer(original);
}

const halfDuplex = { duplex: 'half' } as object;

interface SentFetch {
  readonly request: Request;
  readonly body: Bytes | undefined;
  readonly framing: 'chunked' | 'length';
  readonly dispatcher: unknown;
  /** The caller's own signal: one derived from it could be garbage-collected before it fires. */
  readonly signal: AbortSignal | undefined;
}

class FetchExchange {
  readonly #asker: Asker;
  readonly #sent: SentFetch;
  readonly #exchange: Exchange;
  /** Follows the caller's signal, and stops an exchange whose attempt is over. */
  readonly #stop = new AbortController();

  constructor(asker: Asker, sent: SentFetch) {
    this.#asker = asker;
    this.#sent = sent;
    const { method, url } = sent.request;
    const asked = { method, url, ...dispatcherSocket(sent.dispatcher) };
    this.#exchange = new Exchange(asker, asked, (reason) => this.#stop.abort(reason));
  }

  answer(original: Fetch): Response | Promise<Response> {
    const { request, body } = this.#sent;
    return this.#become(this.#exchange.ask({ headers: request.headers, body }), original);
  }

  #become(asked: Asked, original: Fetch): Response | Promise<Response> {
    const { request } = this.#sent;
    switch (asked.kind) {
      case 'answered':
        queueMicrotask(() => this.#exchange.delivered());
        return answeredResponse(asked.answer, request.url, () => queueMicrotask(() => this.#exchange.delivered()));
      case 'refused':
        queueMicrotask(() => this.#exchange.delivered());
        throw asked.error;
      case 'silent':
        return untilAborted(request.signal, this.#stop.signal);
      case 'wait':
        return asked.decided.then((decided) => this.#become(decided, original));
      case 'send':
        return this.#send(original);
    }
  }

  async #send(original: Fetch): Promise<Response> {
    const unfollow = this.#followCaller();
    try {
      const response = await performing(this.#asker.attempt, () =>
        original(this.#sent.request, { signal: this.#stop.signal, ...this.#headers(), ...sentBody(this.#sent) }),
      );
      this.#exchange.head(response.status, response.headers, '');
      return tappedResponse(response, this.#exchange, unfollow);
    } catch (thrown) {
      unfollow();
      this.#exchange.fail(thrown);
      throw thrown;
    }
  }

  #followCaller(): () => void {
    const { signal } = this.#sent;
    const follow = (): void => {
      this.#exchange.stop();
      this.#stop.abort(signal?.reason);
    };
    if (signal?.aborted === true) follow();
    signal?.addEventListener('abort', follow, { once: true });
    return () => signal?.removeEventListener('abort', follow);
  }

  #headers(): RequestInit {
    const key = this.#exchange.idempotencyHeader();
    if (key === undefined) return {};
    const headers = new Headers(this.#sent.request.headers);
    if (!headers.has(key.name)) headers.set(key.name, key.value);
    return { headers };
  }
}

/** The bytes that were gathered, framed as the caller's body would have been. */
function sentBody({ body, framing }: SentFetch): RequestInit {
  if (body === undefined) return {};
  return framing === 'chunked' ? { body: restOfBody({ gathered: [body] }), ...halfDuplex } : { body };
}

/** A Request does not say what its body was made of: it goes out with its length. */
function isStream(init: RequestInit | undefined): boolean {
  return init?.body instanceof ReadableStream || Symbol.asyncIterator in Object(init?.body);
}

function callerSignal(input: RequestInfo | URL, init: RequestInit | undefined): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined;
  return input instanceof Request ? input.signal : undefined;
}

/** No answer came before the attempt was over, or before the caller gave up. */
function untilAborted(...signals: readonly AbortSignal[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of signals)
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
