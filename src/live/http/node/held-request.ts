// A request of node:http that is held until its body is known, and with it what it asks for: then it is answered from
// the journal, refused, or sent and recorded.
//   H1. Until then nothing of it is sent. It takes all that is written without asking its writer to wait: a wait would
//       never end, since only a socket ends it.
//   H2. Whatever becomes of it, the request emits what it would emit without us, in the context in which it was made.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { httpRequestIdentity } from '../../../journal/http/http-request.ts';
import { redactRequest } from '../../../journal/redact/redact.ts';
import { AnswerRecord, abandonReason } from '../answer-record.ts';
import { tapMessage } from './incoming-message-tap.ts';
import type { SentRequest } from '../http-options.ts';
import type { Asker } from '../asker.ts';
import { replaceMethod } from '../method-replacement.ts';
import { thrownError } from '../recorded-answer.ts';
import { recordedSocket } from './recorded-socket.ts';
import { addRenderedHeader, renderedHeaders } from './rendered-head.ts';
import { requestBytesMax } from '../fetch/request-body.ts';

export interface HeldSetup {
  readonly request: ClientRequest;
  readonly asker: Asker;
  /** Host and port. */
  readonly authority: string;
  /** Goes on as it would have without us. */
  readonly connect: () => void;
  /** Gives the request a socket of ours, or an error, in place of a connection. */
  readonly giveSocket: (socket: Duplex | undefined, error?: Error) => void;
  /** Takes the socket that comes by itself, for later; there only where one does. */
  readonly socketArrived?: (socket: Duplex | undefined, error?: Error) => void;
}

export class HeldRequest {
  readonly #setup: HeldSetup;
  readonly #record: AnswerRecord;
  /** Runs a function in the context in which the request was made. */
  readonly inContext: <Result>(run: () => Result) => Result = AsyncLocalStorage.snapshot();
  /** One of its own: what runs in it may put another attempt into it, which must not show in the other. */
  readonly #goingOn: <Result>(run: () => Result) => Result = AsyncLocalStorage.snapshot();
  readonly #restores: (() => void)[] = [];
  readonly #written: Uint8Array[] = [];
  #writtenBytes = 0;
  #isHeld = true;
  #wasStopped = false;
  #message: IncomingMessage | undefined;

  constructor(setup: HeldSetup) {
    this.#setup = setup;
    this.#record = new AnswerRecord(setup.asker.attempt, this.#what(), setup.asker.options.responseHeaders);
    const { request } = setup;
    this.#restores.push(
      raiseHighWaterMark(request),
      replaceMethod(request, 'write', (write, chunk, ...rest) => this.#write(write, chunk, rest)),
      replaceMethod(request, 'end', (end, ...given) => this.#end(end, given)),
    );
    // These stay: they tell what becomes of the request once it is sent.
    replaceMethod(request, 'destroy', (destroy, ...given) => this.#destroy(destroy, given));
    replaceMethod(request, 'emit', (emit, event, ...given) => this.#emit(emit, event, given));
  }

  get socketArrived(): HeldSetup['socketArrived'] {
    return this.#setup.socketArrived;
  }

  #write(write: (...given: unknown[]) => unknown, chunk: unknown, rest: readonly unknown[]): unknown {
    const written = rest.find((item) => typeof item === 'function') as (() => void) | undefined;
    const encoding = rest.find((item) => typeof item === 'string') as BufferEncoding | undefined;
    // Whoever waits for this callback before going on would wait for a socket.
    const result = encoding === undefined ? write(chunk) : write(chunk, encoding);
    if (written !== undefined) process.nextTick(written);
    this.#gather(chunk, encoding);
    return result;
  }

  #end(end: (...given: unknown[]) => unknown, given: readonly unknown[]): unknown {
    const [chunk, encoding] = given;
    const result = end(...given);
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) {
      this.#gather(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined);
    }
    if (this.#isHeld) this.#ask();
    return result;
  }

  #gather(chunk: unknown, encoding: BufferEncoding | undefined): void {
    if (!this.#isHeld || (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))) return;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    this.#written.push(bytes);
    this.#writtenBytes += bytes.byteLength;
    if (this.#writtenBytes <= requestBytesMax) return;
    this.#setup.asker.attempt.noteUnrecorded(`${this.#what()}: its body is larger than ${requestBytesMax} bytes`);
    this.#letGo(this.#setup.connect);
  }

  /** The request is whole: asks the journal about it. */
  #ask(): void {
    const { request, asker } = this.#setup;
    if (!asker.attempt.isOpen) {
      this.#refuse(asker.attempt.refusal(this.#what()));
      return;
    }
    const identity = httpRequestIdentity(
      {
        method: request.method,
        url: this.#url(),
        headers: renderedHeaders(request),
        body: Buffer.concat(this.#written),
      },
      asker.options,
    );
    const onDoubt = asker.options.onDoubt?.(this.#sent);
    const exchange = asker.attempt.openExchange({
      request: identity,
      abandon: () => this.#abandon(),
      ...(onDoubt === undefined ? {} : { onDoubt }),
    });
    const { answer, ready, idempotencyKey } = exchange;
    if (answer.kind === 'refused') this.#refuse(answer.error);
    else if (answer.kind === 'answered') {
      const { outcome, parts } = answer;
      if (outcome.kind === 'error') this.#refuse(thrownError(outcome.error));
      else this.#giveRecorded(outcome.value, parts);
    }
    if (answer.kind !== 'perform') return;
    this.#record.begin(exchange);
    // Output commit: what the outside is about to see may depend on all that was journaled before.
    if (ready === undefined) this.#send(idempotencyKey);
    else
      ready.then(
        () => this.#send(idempotencyKey),
        (reason: Error) => this.#refuse(reason),
      );
  }

  /** With the key, where the options name a header for it. What the request is was decided before, without it. */
  #send(idempotencyKey: string): void {
    const { request, asker, connect } = this.#setup;
    try {
      // One that was stopped meanwhile has nothing to send.
      const name = request.destroyed ? undefined : asker.options.idempotencyHeader?.(this.#sent);
      if (name !== undefined) addRenderedHeader(request, name, idempotencyKey);
    } catch (thrown) {
      this.#refuse(thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown }));
      return;
    }
    this.#letGo(connect);
  }

  #giveRecorded(value: Parameters<typeof recordedSocket>[0], parts: readonly number[] | undefined): void {
    const socket = recordedSocket(value, parts, this.#setup.request.method);
    this.#letGo(() => this.#setup.giveSocket(socket));
  }

  #refuse(error: Error): void {
    this.#letGo(() => this.#setup.giveSocket(undefined, error));
  }

  #letGo(goOn: () => void): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#written.length = 0;
    for (const restore of this.#restores) restore();
    this.#goingOn(goOn);
  }

  #destroy(destroy: (...given: unknown[]) => unknown, given: readonly unknown[]): unknown {
    this.#wasStopped = true;
    if (this.#message !== undefined) this.#record.cancel();
    const result = destroy(...given);
    // Without a socket it would never say that it is closed.
    if (this.#isHeld) this.#letGo(() => this.#setup.giveSocket(undefined));
    return result;
  }

  #emit(emit: (...given: unknown[]) => unknown, event: unknown, given: readonly unknown[]): unknown {
    if (event === 'response') {
      this.#message = given[0] as IncomingMessage;
      tapMessage(this.#message, this.#record, () => this.#wasStopped);
    } else if (event === 'error' && this.#message === undefined) this.#record.fail(given[0]);
    else if (event === 'close' && this.#message === undefined) this.#record.fail(closedError());
    return emit(event, ...given);
  }

  #abandon(): void {
    const { request, asker } = this.#setup;
    const reason = abandonReason(asker.attempt, this.#what());
    this.#wasStopped = true;
    if (this.#message === undefined) this.#record.fail(reason);
    else this.#record.cancel();
    // Nobody is left who could listen, and an unheard error ends the process.
    if (request.listenerCount('error') === 0) request.on('error', () => undefined);
    request.destroy(reason instanceof Error ? reason : undefined);
  }

  #url(): string {
    const { request, authority } = this.#setup;
    // To a proxy, the path is the whole address.
    return /^https?:\/\//i.test(request.path) ? request.path : `${request.protocol}//${authority}${request.path}`;
  }

  /** The address as `fetch` would name it: without the port that goes without saying. */
  get #sent(): SentRequest {
    return { method: this.#setup.request.method, url: new URL(this.#url()).href };
  }

  #what(): string {
    const url = new URL(this.#url());
    return redactRequest(`${this.#setup.request.method} ${url.origin}${url.pathname}`) as string;
  }
}

/** Lets a request without a socket take all that is written to it (H1). */
function raiseHighWaterMark(request: ClientRequest): () => void {
  const marks = request as unknown as Record<symbol, number>;
  const key = Object.getOwnPropertySymbols(request).find((symbol) => symbol.description === 'kHighWaterMark');
  if (key === undefined) return () => undefined;
  const before = marks[key] as number;
  marks[key] = Number.POSITIVE_INFINITY;
  return () => {
    marks[key] = before;
  };
}

function closedError(): Error {
  return Object.assign(new Error('the request was aborted'), { code: 'ABORT_ERR', name: 'AbortError' });
}
