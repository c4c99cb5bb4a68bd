// One `fetch` inside a node: answered from the journal, or made as it is and recorded. With all its redirects it is one
// exchange, as the caller sees it.
import { httpRequestIdentity } from '../../../journal/http/http-request.ts';
import { redactRequest } from '../../../journal/redact/redact.ts';
import type { CurrentAttempt, OpenExchange } from '../../../port/attempt.ts';
import { AnswerRecord, abandonReason } from '../answer-record.ts';
import { answeredResponse, tappedResponse } from './fetch-response.ts';
import type { HttpEffectsOptions, SentRequest } from '../http-options.ts';
import type { Asker } from '../asker.ts';
import { performing } from '../../../port/performing.ts';
import { thrownError } from '../recorded-answer.ts';
import { gatherBody, requestBytesMax, restOfBody } from './request-body.ts';

type Fetch = typeof fetch;

export async function recordFetch(
  asker: Asker,
  original: Fetch,
  ...[input, init]: Parameters<Fetch>
): Promise<Response> {
  // What is wrong with a call is said by the constructor, here as in `fetch` itself.
  const request = new Request(input, init);
  const isHttp = /^https?:/.test(request.url);
  // An aborted call sends nothing, and `data:` and `blob:` reach nowhere.
  if (!isHttp || request.signal.aborted) return original(request);
  const what = describe(request);
  const body = request.body === null ? undefined : await gatherBody(request.body, request.signal);
  if (body?.isWhole === false) {
    asker.attempt.noteUnrecorded(`${what}: its body is larger than ${requestBytesMax} bytes`);
    return performing(asker.attempt, () => original(request, { body: restOfBody(body), ...halfDuplex }));
  }
  if (!asker.attempt.isOpen) throw asker.attempt.refusal(what);
  const identity = httpRequestIdentity(
    { method: request.method, url: request.url, headers: request.headers, body: body?.bytes },
    asker.options,
  );
  const exchange = new FetchExchange(asker, what, request, callerSignal(input, init));
  const { answer } = exchange.open(identity);
  switch (answer.kind) {
    case 'answered':
      if (answer.outcome.kind === 'error') throw thrownError(answer.outcome.error);
      return answeredResponse(answer.outcome.value, answer.parts, request.url);
    case 'refused':
      throw answer.error;
    case 'silent':
      return untilAborted(request.signal);
    case 'perform':
      return exchange.perform(original, body?.bytes, isStream(init));
  }
}

const halfDuplex = { duplex: 'half' } as object;

class FetchExchange {
  readonly #attempt: CurrentAttempt;
  readonly #what: string;
  readonly #request: Request;
  /** The caller's own signal: one that follows it could be collected as garbage before it fires. */
  readonly #signal: AbortSignal | undefined;
  readonly #record: AnswerRecord;
  /** Follows the caller's signal, and stops what nobody waits for any more. */
  readonly #stop = new AbortController();
  #ready: OpenExchange['ready'];
  #idempotencyKey = '';
  readonly #options: HttpEffectsOptions;

  constructor(asker: Asker, what: string, request: Request, signal: AbortSignal | undefined) {
    this.#attempt = asker.attempt;
    this.#what = what;
    this.#options = asker.options;
    this.#request = request;
    this.#signal = signal;
    this.#record = new AnswerRecord(asker.attempt, what, asker.options.responseHeaders);
  }

  open(identity: ReturnType<typeof httpRequestIdentity>): OpenExchange {
    const onDoubt = this.#options.onDoubt?.(this.#sent);
    const opened = this.#attempt.openExchange({
      request: identity,
      abandon: () => this.#abandon(),
      ...(onDoubt === undefined ? {} : { onDoubt }),
    });
    this.#ready = opened.ready;
    this.#idempotencyKey = opened.idempotencyKey;
    if (opened.answer.kind === 'perform') this.#record.begin(opened);
    return opened;
  }

  async perform(original: Fetch, body: Uint8Array<ArrayBuffer> | undefined, asStream: boolean): Promise<Response> {
    const follow = (): void => this.#stop.abort(this.#signal?.reason);
    const unfollow = (): void => this.#signal?.removeEventListener('abort', follow);
    if (this.#signal?.aborted === true) follow();
    this.#signal?.addEventListener('abort', follow, { once: true });
    try {
      // Output commit: what the outside is about to see may depend on all that was journaled before.
      if (this.#ready !== undefined) await this.#ready;
      const response = await performing(this.#attempt, () =>
        original(this.#request, { signal: this.#stop.signal, ...this.#sentHeaders(), ...sentBody(body, asStream) }),
      );
      this.#record.head(response.status, response.headers, '');
      return tappedResponse(response, this.#record, { wasStopped: () => this.#stop.signal.aborted, done: unfollow });
    } catch (thrown) {
      unfollow();
      this.#record.fail(thrown);
      throw thrown;
    }
  }

  /** With the key, where the options name a header for it. */
  #sentHeaders(): RequestInit {
    const name = this.#options.idempotencyHeader?.(this.#sent);
    if (name === undefined) return {};
    const headers = new Headers(this.#request.headers);
    if (!headers.has(name)) headers.set(name, this.#idempotencyKey);
    return { headers };
  }

  get #sent(): SentRequest {
    return { method: this.#request.method, url: this.#request.url };
  }

  #abandon(): void {
    const reason = abandonReason(this.#attempt, this.#what);
    if (this.#record.hasHead) this.#record.cancel();
    else this.#record.fail(reason);
    this.#stop.abort(reason);
  }
}

/** The bytes that were gathered, framed as they would have been: a stream in chunks, all else with its length. */
function sentBody(bytes: Uint8Array<ArrayBuffer> | undefined, asStream: boolean): RequestInit {
  if (bytes === undefined) return {};
  return asStream ? { body: restOfBody({ gathered: [bytes] }), ...halfDuplex } : { body: bytes };
}

/** Of a Request it cannot be told: its body, a stream or not, goes out with its length. */
function isStream(init: RequestInit | undefined): boolean {
  return init?.body instanceof ReadableStream || Symbol.asyncIterator in Object(init?.body);
}

function callerSignal(input: RequestInfo | URL, init: RequestInit | undefined): AbortSignal | undefined {
  if (init?.signal !== undefined) return init.signal ?? undefined;
  return input instanceof Request ? input.signal : undefined;
}

function describe(request: Request): string {
  const url = new URL(request.url);
  return redactRequest(`${request.method} ${url.origin}${url.pathname}`) as string;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
