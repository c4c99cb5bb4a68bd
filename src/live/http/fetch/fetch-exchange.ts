// One `fetch` of a node: answered from the journal, or sent unchanged and recorded. A fetch with all its redirects is one
// exchange, which is how the caller sees it.
import { performing, unrecorded } from '../../../port/performing.ts';
import type { Asker } from '../options/asker.ts';
import { whenAtRest } from '../body/body-rest.ts';
import { callerScope } from '../caller-scope.ts';
import { Exchange } from '../exchange.ts';
import { noteOversized, requestBytesMax } from '../options/request-messages.ts';
import type { ArrivedHead, Asked, Reading, RequestContent } from '../exchange.ts';
import { silence } from '../answer/recorded-answer.ts';
import type { RecordedAnswer } from '../answer/recorded-answer.ts';
import { connectionReset } from '../answer/recorded-error.ts';
import { WrittenBody } from '../body/written-body.ts';
import { dispatcherSocket } from './dispatcher/dispatcher-socket.ts';
import { answeredResponse, onAbort } from './fetch-response.ts';
import { plainCall } from './plain-call.ts';
import type { PlainCall } from './plain-call.ts';
import { gatherBody, knownBytes, readToEnd, restOfBody } from './request-body.ts';
import type { RestOfBody } from './request-body.ts';
import { tapResponse } from './tapped-response.ts';

type Fetch = typeof fetch;

/** What is passed to `fetch` besides the request, so that it sends the body as the caller's would have been sent. */
type SentBody = Pick<RequestInit, 'body'>;

export function recordFetch(asker: Asker, original: Fetch, ...given: Parameters<Fetch>): Promise<Response> {
  try {
    const plain = plainCall(...given);
    return plain !== undefined && plain.signal?.aborted !== true
      ? recordPlain(asker, original, plain)
      : recordRequest(asker, original, ...given);
  } catch (thrown) {
    return Promise.reject(thrown as Error);
  }
}

async function recordRequest(asker: Asker, original: Fetch, ...[input, init]: Parameters<Fetch>): Promise<Response> {
  // An invalid call fails in this constructor with the same error as in `fetch` itself.
  const make = (): Request => new Request(input, init);
  // It draws the boundary of a form, which no node has asked for. What other bodies are made of is code of the node.
  const request = init?.body instanceof FormData ? performing(asker.attempt, make) : make();
  const isHttp = /^https?:/.test(request.url);
  // An aborted call sends nothing, and `data:` and `blob:` do not reach the network.
  if (!isHttp || request.signal.aborted) return original(request);
  const { dispatcher } = (init ?? {}) as { readonly dispatcher?: unknown };
  const send = (more: RequestInit): Promise<Response> => original(request, more);
  const exchange = new FetchExchange(asker, { call: request, signal: callerSignal(input, init), dispatcher, send });
  const bytes = request.body === null ? new Uint8Array() : knownBytes(init?.body);
  // Taken out of the request, it would leave as a stream.
  if (bytes !== undefined) return exchange.ask(bytes, bytes.byteLength === 0 ? {} : { body: bytes });
  if (request.body === null) return exchange.ask(undefined, {});
  if (exchange.asksFirst) {
    const rest = Promise.withResolvers<undefined>();
    const stopWaiting = whenAtRest(asker.attempt, () => rest.resolve(undefined));
    const body = await gatherBody(request.body, request.signal, rest.promise).finally(stopWaiting);
    if (body.kind === 'whole')
      return exchange.ask(body.bytes, isStream(init) ? stream({ gathered: [body.bytes] }) : { body: body.bytes });
    if (body.kind === 'unfinished') return exchange.askUnfinished(body);
    return exchange.sendUnrecorded(stream(body));
  }
  if (isStream(init)) return exchange.begin({ gathered: [], rest: request.body.getReader() });
  if (init?.body === undefined) return beginRequest(exchange, request);
  const body = await gatherBody(request.body, request.signal);
  if (body.kind === 'whole') return exchange.ask(body.bytes, { body: body.bytes });
  if (body.kind === 'unfinished') return exchange.begin(body);
  // A form or a blob can be read again.
  noteOversized(asker, request);
  await body.rest?.cancel();
  return unrecorded(asker.attempt, () => original(input, init));
}

/**
 * Sends a Request that came with its body, and does not say whether that is a stream. One that ends at once is read from
 * a copy: only the Request itself is sent as its caller made it, by length or in chunks.
 */
async function beginRequest(exchange: FetchExchange, request: Request): Promise<Response> {
  const copy = request.clone().body as ReadableStream<Uint8Array>;
  const body = await gatherBody(copy, request.signal, patience(streamMs));
  if (body.kind === 'whole') return exchange.ask(body.bytes, {});
  if (body.kind === 'unfinished') {
    request.body?.cancel().catch(() => undefined);
    return exchange.begin(body);
  }
  void body.rest?.cancel();
  return exchange.sendUnrecorded({});
}

function recordPlain(asker: Asker, original: Fetch, call: PlainCall): Promise<Response> {
  const { url, method, given, body, signal, more } = call;
  const said = { ...more, method, headers: given, ...(body === undefined ? {} : { body }) };
  const send = (added: RequestInit): Promise<Response> => original(url, { ...said, ...added });
  const exchange = new FetchExchange(asker, { call: sentCall(call), signal, dispatcher: more.dispatcher, send });
  const asked = exchange.ask(body, {});
  return asked instanceof Promise ? asked : Promise.resolve(asked);
}

/** As `fetch` sends it: a text has a type. */
function sentCall({ method, url, headers, body }: PlainCall): FetchSetup['call'] {
  const sent = [...headers];
  if (body !== undefined && !sent.some(([name]) => name === 'content-type'))
    sent.push(['content-type', 'text/plain;charset=UTF-8']);
  return { method, url, headers: sent };
}

/** A body that has not ended by then is a stream. */
const streamMs = 10;

const { setTimeout: later } = globalThis;

function patience(ms: number): Promise<undefined> {
  return new Promise((resolve) => void later(resolve, ms, undefined).unref());
}

function stream(body: RestOfBody): SentBody {
  return { body: restOfBody(body), ...halfDuplex };
}

const halfDuplex = { duplex: 'half' } as object;

interface FetchSetup {
  readonly call: Pick<Request, 'method' | 'url'> & { readonly headers: Iterable<readonly [string, string]> };
  readonly signal: AbortSignal | undefined;
  readonly dispatcher: unknown;
  /** Sends it as the caller would have, with this besides. */
  readonly send: (more: RequestInit) => Promise<Response>;
}

class FetchExchange {
  readonly #asker: Asker;
  readonly #call: FetchSetup['call'];
  /** The caller's own signal: one derived from it could be garbage-collected before it fires. */
  readonly #signal: AbortSignal | undefined;
  readonly #send: FetchSetup['send'];
  readonly #exchange: Exchange;
  /** Follows the caller's signal, and stops an exchange whose attempt was stopped. */
  readonly #stop = new AbortController();

  constructor(asker: Asker, { call, signal, dispatcher, send }: FetchSetup) {
    this.#asker = asker;
    this.#call = call;
    this.#signal = signal;
    this.#send = send;
    const { method, url } = call;
    const asked = { method, url, ...dispatcherSocket(dispatcher) };
    this.#exchange = new Exchange(asker, asked, (reason) => this.#stop.abort(reason));
  }

  /** Reads what nobody sends. */
  #whenAnswered: (() => void) | undefined;

  get asksFirst(): boolean {
    return this.#exchange.asksFirst;
  }

  ask(content: Uint8Array | string | undefined, body: SentBody): Response | Promise<Response> {
    return this.#become(this.#exchange.ask(this.#content(content)), body);
  }

  /** Sends it as it is written. */
  begin(body: RestOfBody): Response | Promise<Response> {
    const exchange = this.#exchange;
    const written = new WrittenBody(requestBytesMax, () => exchange.forget());
    const content = (): RequestContent => this.#content(written.content);
    const inScope = callerScope(this.#asker.attempt);
    const watched = restOfBody(body, { written, inScope, ended: (how) => exchange.name(content, how) });
    return this.#become(exchange.begin(content), { body: watched, ...halfDuplex });
  }

  /** Its body does not end while nothing else happens: it waits for its answer, which is found without it. */
  askUnfinished(body: RestOfBody): Response | Promise<Response> {
    const exchange = this.#exchange;
    const written = new WrittenBody(requestBytesMax, () => exchange.forget());
    const asked = exchange.ask(this.#content(undefined), 'unfinished');
    const ended = (how: 'whole' | 'unfinished'): void => {
      if (how === 'whole') exchange.compare(this.#content(written.content));
    };
    const watch = { written, ended, inScope: callerScope(this.#asker.attempt) };
    // Nobody sends it if it is answered. It still has to be read, to be compared.
    const whenAnswered = (): void => void readToEnd(body, watch);
    this.#whenAnswered = whenAnswered;
    return this.#become(asked, { body: restOfBody(body, watch), ...halfDuplex });
  }

  /** Its body is over the limit. */
  sendUnrecorded(body: SentBody): Promise<Response> {
    noteOversized(this.#asker, this.#call);
    return unrecorded(this.#asker.attempt, () => this.#send(body));
  }

  #content(body: Uint8Array | string | undefined): RequestContent {
    return { headers: this.#call.headers, body };
  }

  #become(asked: Asked, body: SentBody): Response | Promise<Response> {
    switch (asked.kind) {
      case 'answered':
        this.#whenAnswered?.();
        return this.#answered(asked.answer);
      case 'refused':
        queueMicrotask(() => this.#exchange.delivered());
        throw asked.error;
      case 'silent':
        return this.#answered(silence);
      case 'wait':
        return this.#decided(asked, body);
      case 'send':
        return this.#perform(body);
    }
  }

  /** Of one that is simulated the caller may give up before its answer comes, which then reaches nobody. */
  #decided({ decided, isSimulated }: Extract<Asked, { readonly kind: 'wait' }>, body: SentBody): Promise<Response> {
    const response = decided.then((known) => this.#become(known, body));
    const signal = this.#signal;
    if (signal === undefined || !isSimulated) return response;
    return new Promise((resolve, reject) => {
      const unfollow = onAbort([signal], (reason) => reject(reason as Error));
      void response.finally(unfollow).then(resolve, reject);
    });
  }

  #answered(answer: RecordedAnswer): Response | Promise<Response> {
    const { method, url } = this.#call;
    const signals = this.#signal === undefined ? [this.#stop.signal] : [this.#signal, this.#stop.signal];
    const delivers = (): void => queueMicrotask(() => this.#exchange.delivered());
    if (answer.end.kind !== 'silent' || answer.head !== undefined) delivers();
    const watch = (reading: () => Reading): void => this.#exchange.watchReading(reading);
    const asked = { method, url, signals, delivers, watch };
    if (answer.head !== undefined) return answeredResponse(answer.head, answer, asked);
    if (answer.end.kind === 'broken')
      throw answer.end.error ?? new TypeError('fetch failed', { cause: connectionReset() });
    return untilStopped(answer, signals);
  }

  async #perform(body: SentBody): Promise<Response> {
    const unfollow = this.#followCaller();
    try {
      const response = await performing(this.#asker.attempt, () =>
        this.#send({ signal: this.#stop.signal, ...this.#headers(), ...body }),
      );
      this.#exchange.head(headOf(response, this.#call.url));
      tapResponse(response, this.#exchange, unfollow);
      return response;
    } catch (thrown) {
      unfollow();
      this.#exchange.fail(thrown);
      throw thrown;
    }
  }

  #followCaller(): () => void {
    const signal = this.#signal;
    const follow = (): void => {
      // Nothing more can be read of a body that is being read.
      if (this.#exchange.isAnswering) this.#exchange.cancel();
      else this.#exchange.stop();
      this.#stop.abort(signal?.reason);
    };
    if (signal?.aborted === true) follow();
    signal?.addEventListener('abort', follow, { once: true });
    return () => signal?.removeEventListener('abort', follow);
  }

  #headers(): RequestInit {
    const key = this.#exchange.idempotencyHeader();
    if (key === undefined) return {};
    const headers = new Headers([...this.#call.headers] as [string, string][]);
    if (!headers.has(key.name)) headers.set(key.name, key.value);
    return { headers };
  }
}

/** `fetch` hands its body over decoded. */
function headOf({ status, statusText, headers, url, redirected, type }: Response, asked: string): ArrivedHead {
  const isElsewhere = redirected || url !== asked.split('#', 1)[0];
  return {
    status,
    statusText,
    headers: [...headers],
    encoding: '',
    ...(isElsewhere ? { url: relativeUrl(url, asked) } : {}),
    ...(redirected ? { redirected } : {}),
    ...(type === 'basic' ? {} : { type }),
  };
}

/** Without its origin where that is the one that was asked: a replay may ask another. */
function relativeUrl(url: string, asked: string): string {
  const { origin } = new URL(asked);
  return url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
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
function untilStopped({ pace }: RecordedAnswer, signals: readonly AbortSignal[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    pace?.past(reject);
    onAbort(signals, (reason) => {
      pace?.leave();
      reject(reason as Error);
    });
  });
}
