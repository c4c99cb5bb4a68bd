// A request of node:http in a node. It leaves as it is written, unless something has to be known first: then it is held
// until its body is complete, because the body is part of what identifies it, and is answered from the journal, refused,
// or sent. It is recorded in each case.
//   H1. Nothing of it is sent while it is held. It accepts every write without asking the writer to wait: only a socket
//       could end that wait.
//   H2. In every case the request emits what it would emit without us, in the context in which it was made.
//   H3. A body that does not end while nothing is written may wait for its answer. The journal is asked about it as it is.
import { AsyncResource } from 'node:async_hooks';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { assertMove } from '../../../base/assert.ts';
import type { Moves } from '../../../base/assert.ts';
import type { InterimAnswer } from '../../../journal/answer-facts.ts';
import { addressOf } from '../../../journal/http/address.ts';
import type { Asker } from '../options/asker.ts';
import { whenAtRest } from '../body/body-rest.ts';
import { callerScope } from '../caller-scope.ts';
import type { InScope } from '../caller-scope.ts';
import { Exchange } from '../exchange.ts';
import { requestBytesMax } from '../options/request-messages.ts';
import type { Asked, Decided, RequestContent } from '../exchange.ts';
import type { SentRequest } from '../options/http-options.ts';
import { replaceMethod } from '../method-replacement.ts';
import { silence } from '../answer/recorded-answer.ts';
import type { RecordedAnswer } from '../answer/recorded-answer.ts';
import { WrittenBody } from '../body/written-body.ts';
import { interimOf, isBeingRead, tapMessage } from './incoming-message-tap.ts';
import { RecordedSocket } from './recorded-socket.ts';
import { addRenderedHeader, renderedHeaders } from './rendered-head.ts';

export interface HeldSetup {
  readonly request: ClientRequest;
  readonly asker: Asker;
  /** As it was when it was made. */
  readonly sent: SentRequest;
  /** Sends the request as it would have been sent without us. */
  readonly connect: (how?: 'unrecorded') => void;
  /** Gives the request a socket of ours, or an error, instead of a connection. */
  readonly giveSocket: (socket: Duplex | undefined, error?: Error) => void;
  /** Keeps a socket that arrives while the request is held; set only for requests that get theirs unasked. */
  readonly socketArrived?: (socket: Duplex | undefined, error?: Error) => void;
}

type State =
  /** Its body is being written, and nothing of it leaves. */
  | 'held'
  /** The journal has been asked: it waits to be sent, or for an answer that never comes. */
  | 'asked'
  /** It has a socket, or is about to get one. */
  | 'released';

const moves: Moves<State> = {
  held: ['asked', 'released'],
  asked: ['released'],
  released: [],
};

interface Timed {
  readonly timeout?: number;
  readonly agent?: { readonly options?: { readonly timeout?: number } } | false;
}

type Method = (...given: unknown[]) => unknown;

export class HeldRequest {
  readonly #setup: HeldSetup;
  /** The context in which the request was made. */
  readonly #context = contextNow();
  readonly #inScope: InScope;
  /**
   * The same for one that is not sent at once. What runs in it may enter another attempt, which must not show in the
   * other.
   */
  #releaseContext: AsyncResource | undefined;
  readonly #exchange: Exchange;
  readonly #written: WrittenBody;
  #restoreMark: (() => void) | undefined;
  #state: State = 'held';
  /** The journal was asked before its body had ended. */
  #isUnfinished = false;
  #stopWaiting: (() => void) | undefined;
  readonly #interim: InterimAnswer[] = [];
  #idleCount = 0;

  constructor(setup: HeldSetup) {
    this.#setup = setup;
    const { request, asker, sent } = setup;
    this.#inScope = callerScope(asker.attempt);
    // As `fetch` writes it: without a default port. An invalid address fails here, in the call that makes the request.
    const { href } = (addressOf(sent.url) ?? { url: new URL(sent.url) }).url;
    this.#exchange = new Exchange(asker, { ...sent, url: href }, this.#halt);
    this.#written = new WrittenBody(requestBytesMax, () => this.#forget());
    // These stay after the release: they show what becomes of the request.
    replaceMethod(request, 'write', (write, chunk, ...rest) => this.#write(write, chunk, rest));
    replaceMethod(request, 'end', (end, ...given) => this.#end(end, given));
    replaceMethod(request, 'destroy', (destroy, ...given) => this.#destroy(destroy, given));
    replaceMethod(request, 'emit', (emit, event, ...given) => this.#emit(emit, event, given));
  }

  /** Runs a function in the context in which the request was made. */
  inContext<Result>(run: () => Result): Result {
    return this.#context.runInAsyncScope(run);
  }

  /** Holds it, or sends it as it is written. Called once its socket can be told apart from others. */
  start(): void {
    if (!this.#exchange.asksFirst) {
      this.#begin();
      return;
    }
    this.#releaseContext = contextNow();
    this.#restoreMark = raiseHighWaterMark(this.#setup.request);
    this.#awaitRest();
  }

  get socketArrived(): HeldSetup['socketArrived'] {
    return this.#setup.socketArrived;
  }

  #begin(): void {
    this.#move('asked');
    const asked = this.#exchange.begin(this.#content);
    if (asked.kind !== 'send') this.#releaseContext = contextNow();
    this.#become(asked);
  }

  readonly #content = (): RequestContent => ({
    headers: renderedHeaders(this.#setup.request),
    body: this.#written.content,
  });

  #write(write: Method, chunk: unknown, rest: readonly unknown[]): unknown {
    const encoding = rest.find((item) => typeof item === 'string') as BufferEncoding | undefined;
    const result =
      this.#state === 'held' ? this.#writeHeld(write, chunk, rest, encoding) : write(chunk, ...rest.map(this.#scoped));
    this.#gather(chunk, encoding);
    if (this.#state === 'held') this.#awaitRest();
    return result;
  }

  /** A callback is called by the connection. */
  readonly #scoped = (item: unknown): unknown =>
    typeof item === 'function'
      ? (...given: unknown[]): unknown => this.#inScope(() => Reflect.apply(item, undefined, given))
      : item;

  /** Calls the callback itself: without a socket, node never would. */
  #writeHeld(write: Method, chunk: unknown, rest: readonly unknown[], encoding: BufferEncoding | undefined): unknown {
    const written = rest.find((item) => typeof item === 'function') as (() => void) | undefined;
    const result = encoding === undefined ? write(chunk) : write(chunk, encoding);
    if (written !== undefined) process.nextTick(written);
    return result;
  }

  #end(end: Method, given: readonly unknown[]): unknown {
    const [chunk, encoding] = given;
    const result = end(...given);
    this.#gather(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined);
    if (this.#state === 'held') this.#ask('whole');
    else if (this.#isUnfinished) this.#exchange.compare(this.#content());
    else this.inContext(() => this.#exchange.name(this.#content));
    return result;
  }

  #gather(chunk: unknown, encoding: BufferEncoding | undefined): void {
    if (typeof chunk === 'string') this.#written.take(isUtf8(encoding) ? chunk : Buffer.from(chunk, encoding));
    else if (chunk instanceof Uint8Array) this.#written.take(chunk);
  }

  /** Its body is over the limit: it goes out unrecorded. */
  #forget(): void {
    this.#exchange.forget();
    this.#release(() => this.#setup.connect('unrecorded'));
  }

  #awaitRest(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = whenAtRest(this.#setup.asker.attempt, () => {
      if (this.#state === 'held') this.#releaseContext?.runInAsyncScope(() => this.#ask('unfinished'));
    });
  }

  #ask(how: 'whole' | 'unfinished'): void {
    this.#stopWaiting?.();
    this.#move('asked');
    this.#isUnfinished = how === 'unfinished';
    const content = how === 'whole' ? this.#content() : { headers: [], body: undefined };
    // It belongs to the task that made it, wherever its body was ended.
    this.#become(this.inContext(() => this.#exchange.ask(content, how)));
  }

  #become(asked: Asked): void {
    switch (asked.kind) {
      case 'answered':
        this.#answer(asked.answer);
        break;
      case 'refused':
        // Before the error itself, which is emitted in the next tick.
        process.nextTick(() => this.#exchange.delivered());
        this.#refuse(asked.error);
        break;
      case 'silent':
        this.#answer(silence);
        break;
      case 'wait':
        this.#wait(asked.decided, asked.known);
        break;
      case 'send':
        this.#send();
    }
  }

  #send(): void {
    const { request, connect } = this.#setup;
    try {
      // A request that was stopped meanwhile sends nothing.
      const key = request.destroyed ? undefined : this.#exchange.idempotencyHeader();
      if (key !== undefined) addRenderedHeader(request, key.name, key.value);
    } catch (thrown) {
      this.#refuse(thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown }));
      return;
    }
    this.#release(() => {
      try {
        connect();
      } catch (thrown) {
        // An agent that makes no connection.
        this.#exchange.fail(thrown);
        throw thrown;
      }
    });
  }

  #wait(decided: Promise<Decided>, answer: RecordedAnswer | undefined): void {
    if (answer === undefined) {
      decided.then(
        (now) => this.#become(now),
        (thrown: Error) => this.#refuse(thrown),
      );
      return;
    }
    // What it writes has left long before its answer comes.
    const socket = this.#socket(answer, 'later');
    this.#give(socket, answer);
    decided.then((now) => {
      if (now.kind === 'refused') this.#halt(now.error);
      else this.#releaseContext?.runInAsyncScope(() => socket.answer());
    }, this.#halt);
  }

  #answer(answer: RecordedAnswer): void {
    this.#give(this.#socket(answer, 'now'), answer);
  }

  #socket(answer: RecordedAnswer, comes: 'now' | 'later'): RecordedSocket {
    const socket = new RecordedSocket(answer, this.#setup.request.method, {
      comes,
      delivers: () => this.#exchange.delivered(),
    });
    this.#exchange.watchReading(() => {
      // Node has null in its place before it comes.
      const message = socket._httpMessage?.res ?? undefined;
      if (message === undefined || isBeingRead(message)) return 'read';
      return message.destroyed ? 'stopped unread' : 'unread';
    });
    return socket;
  }

  #give(socket: RecordedSocket, { isReused }: RecordedAnswer): void {
    const { request, giveSocket } = this.#setup;
    this.#release(() => {
      // The agent would have set it.
      const { timeout, agent } = request as Timed;
      const idleMs = timeout ?? (agent === false ? undefined : agent?.options?.timeout) ?? 0;
      if (idleMs > 0) socket.setTimeout(idleMs);
      request.reusedSocket = isReused === true;
      giveSocket(socket);
    });
  }

  #refuse(error: Error): void {
    this.#release(() => this.#setup.giveSocket(undefined, error));
  }

  #release(go: () => void): void {
    if (this.#state === 'released') return;
    this.#move('released');
    this.#stopWaiting?.();
    this.#restoreMark?.();
    if (this.#releaseContext === undefined) go();
    else this.#releaseContext.runInAsyncScope(go);
  }

  #destroy(destroy: Method, given: readonly unknown[]): unknown {
    const exchange = this.#exchange;
    // One that is not held is recorded as far as it was written.
    if (this.#state === 'held') this.#ask('unfinished');
    const lost = this.#setup.request.socket?.errored ?? undefined;
    // A listener of a kept socket hears of its error first, and may stop the request because of it.
    if (lost !== undefined) this.#lose(lost);
    exchange.stop();
    // At once: the node may act on it before the connection is closed.
    if (exchange.isAnswering || exchange.isStopping) exchange.cancel();
    const result = destroy(...given);
    // Without a socket it would never say that it is closed.
    this.#release(() => this.#setup.giveSocket(undefined));
    return result;
  }

  #lose(error: Error): void {
    const exchange = this.#exchange;
    if (exchange.isAnswering) exchange.breakOff(error);
    else if (exchange.isUnanswered) exchange.fail(error, this.#setup.request.reusedSocket);
  }

  #emit(emit: Method, event: unknown, given: readonly unknown[]): unknown {
    const exchange = this.#exchange;
    // What the connection ended with: the message only reports that it was aborted.
    if (event === 'error' && exchange.isAnswering) exchange.breakOff(given[0]);
    if (exchange.isUnanswered) {
      if (event === 'response') {
        if (this.#isWhole) this.inContext(() => exchange.name(this.#content));
        this.#tap(given[0] as IncomingMessage);
      }
      if (event === 'information') this.#interim.push(interimOf(given[0] as IncomingMessage));
      else if (event === 'timeout') this.#idleCount += 1;
      else if (event === 'error') exchange.fail(given[0], this.#setup.request.reusedSocket);
      else if (event === 'close') exchange.fail(closedError());
    }
    // It is as it was written: no more of it will be.
    if (event === 'close' && !exchange.isNamed) this.inContext(() => exchange.name(this.#content, 'unfinished'));
    return this.#inScope(() => emit(event, ...given));
  }

  /** All that was announced is written. Who pipes to it ends it later, and an answer may come first. */
  get #isWhole(): boolean {
    return Number(this.#setup.request.getHeader('content-length')) === this.#written.byteCount;
  }

  #tap(message: IncomingMessage): void {
    const { reusedSocket } = this.#setup.request;
    tapMessage(message, this.#exchange, {
      interim: this.#interim,
      isReused: reusedSocket,
      idleCount: this.#idleCount,
      inScope: this.#inScope,
    });
  }

  /** The attempt is over. */
  readonly #halt = (reason: unknown): void => {
    const { request } = this.#setup;
    // Nobody may be left to listen, and an unhandled error event ends the process.
    if (request.listenerCount('error') === 0) request.on('error', () => undefined);
    request.destroy(reason instanceof Error ? reason : undefined);
  };

  #move(next: State): void {
    assertMove(moves, this.#state, next, 'a held request');
    this.#state = next;
  }
}

function contextNow(): AsyncResource {
  return new AsyncResource('RepriseRequest', { requireManualDestroy: true });
}

function isUtf8(encoding: BufferEncoding | undefined): boolean {
  return encoding === undefined || /^utf-?8$/i.test(encoding);
}

/** `authority`: host and port. */
export function sentBy(request: ClientRequest, authority: string): SentRequest {
  // To a proxy, the path is the whole address.
  const isWhole = /^https?:\/\//i.test(request.path);
  const url = isWhole ? request.path : `${request.protocol}//${authority}${request.path}`;
  return { method: request.method, url, ...socketOf(request) };
}

/** A Unix socket may be named by the request or by its agent. */
function socketOf(request: ClientRequest): Pick<SentRequest, 'socketPath'> {
  const { socketPath, agent } = request as unknown as {
    readonly socketPath?: unknown;
    readonly agent?: { readonly options?: { readonly socketPath?: unknown } };
  };
  const path = socketPath ?? agent?.options?.socketPath;
  return typeof path === 'string' && path !== '' ? { socketPath: path } : {};
}

/** Lets a request without a socket accept every write (H1). */
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
