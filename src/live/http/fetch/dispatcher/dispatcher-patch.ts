// The process-wide dispatcher of undici: Node's own `fetch` sends through it, past our wrapper if a client took it before
// interception began, and so do `fetch`, `request`, `stream` and `pipeline` of the package. A request goes to the same
// dispatcher as without us, and what comes back is watched. `fetch` follows redirects itself, so each hop is its own
// exchange here.
import { addressOf } from '../../../../journal/http/address.ts';
import { performing, unrecorded } from '../../../../port/performing.ts';
import type { Asker, Askers, Starting } from '../../options/asker.ts';
import { callerScope } from '../../caller-scope.ts';
import type { InScope } from '../../caller-scope.ts';
import { Exchange } from '../../exchange.ts';
import type { SentRequest } from '../../options/http-options.ts';
import { described } from '../../options/request-messages.ts';
import type { Asked, Decided } from '../../exchange.ts';
import { dispatchCaller } from './dispatch-caller.ts';
import type { Dispatch, DispatchCaller, DispatchHandler, DispatchOptions } from './dispatch-caller.ts';
import { tappedHandler } from './dispatch-tap.ts';
import { feed } from './dispatcher-feed.ts';
import type { Fed } from './dispatcher-feed.ts';
import { dispatcherSocket } from './dispatcher-socket.ts';
import { patchDispatcherClasses } from './dispatcher-classes.ts';
import { dispatchedBody } from './dispatched-body.ts';
import type { DispatchedBody } from './dispatched-body.ts';

/** Where `fetch` and the undici package look up their dispatcher, by version: a contract between the two. */
const dispatcherKeys = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

interface Dispatcher {
  dispatch: Dispatch;
}

export function patchDispatcher(askers: Askers): () => void {
  // Node creates its dispatcher when one of these classes is first used.
  void new Response(null);
  const restores = dispatcherKeys.map((key) => patchAt(key, askers));
  restores.push(
    patchDispatcherClasses(globalDispatchers(), (options, handler, { dispatcher, send, origin = options.origin }) => {
      // Without an address it fails by itself, or asks another dispatcher that has one.
      if (origin === undefined) return send(options, handler);
      return dispatchFor(askers, options, handler, { send, origin, dispatcher });
    }),
  );
  return () => {
    for (const restore of restores) restore();
  };
}

function globalDispatchers(): readonly object[] {
  const holder = globalThis as unknown as Record<symbol, object | undefined>;
  return dispatcherKeys.map((key) => holder[key]).filter((dispatcher) => dispatcher !== undefined);
}

function patchAt(key: symbol, askers: Askers): () => void {
  const holder = globalThis as unknown as Record<symbol, Dispatcher | undefined>;
  const original = holder[key];
  if (original === undefined) return () => undefined;
  const send: Dispatch = (options, handler) => original.dispatch(options, handler);
  const way: Way = { send, dispatcher: original };
  const dispatch: Dispatch = (options, handler) => dispatchFor(askers, options, handler, way);
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

function dispatchFor(askers: Askers, options: DispatchOptions, handler: DispatchHandler, way: Way): boolean {
  // Read when it is first needed: most of what `fetch` sends has been asked about already.
  let read: { readonly request: SentRequest | undefined } | undefined;
  const starting: Starting = () => {
    read ??= { request: startingOf(options, way) };
    return read.request;
  };
  const asker = askers.who(starting);
  if (asker === undefined) return way.send(options, handler);
  return asker.passes === undefined
    ? record(asker, { ...way, options, handler }, starting())
    : performing(asker.attempt, () => way.send(options, handler));
}

/** Records a request if it can be; otherwise it goes out unaltered and is noted. */
function record(asker: Asker, asked: Asking, request: SentRequest | undefined): boolean {
  const { options, handler, send } = asked;
  const caller = dispatchCaller(handler);
  const body = dispatchedBody(options);
  if (
    caller === undefined ||
    request === undefined ||
    body === undefined ||
    options.upgrade ||
    options.method === 'CONNECT'
  ) {
    const name = request === undefined ? String(options.method) : described(request);
    asker.attempt.noteUnrecorded(`${name}: undici was asked for more than an exchange can be recorded of`);
    return unrecorded(asker.attempt, () => send(options, handler));
  }
  return new DispatchExchange(asker, { ...asked, caller, request, body }).start();
}

/** How it would leave without us. */
interface Way {
  readonly send: Dispatch;
  readonly dispatcher: object;
  /** Where it goes if it does not say so itself. */
  readonly origin?: unknown;
}

interface Asking extends Way {
  readonly options: DispatchOptions;
  readonly handler: DispatchHandler;
}

interface Dispatched extends Asking {
  readonly caller: DispatchCaller;
  readonly request: SentRequest;
  readonly body: DispatchedBody;
}

class DispatchExchange {
  readonly #asker: Asker;
  readonly #dispatched: Dispatched;
  readonly #exchange: Exchange;
  #abort: ((reason: unknown) => void) | undefined;
  #halted: { readonly reason: unknown } | undefined;
  /** A client that asks for more when it is told something (a redirect, a retry) still asks for its task. */
  readonly #inScope: InScope;

  constructor(asker: Asker, dispatched: Dispatched) {
    this.#asker = asker;
    this.#dispatched = dispatched;
    this.#inScope = callerScope(asker.attempt);
    this.#exchange = new Exchange(asker, dispatched.request, (reason) => {
      this.#halted = { reason };
      this.#abort?.(reason);
    });
  }

  start(): boolean {
    const { body } = this.#dispatched;
    const exchange = this.#exchange;
    if (body.whole !== undefined) return this.#become(exchange.ask(body.whole()), body.body);
    if (!exchange.asksFirst && !body.isShort) {
      const tapped = body.tap({
        whole: (content) => exchange.name(() => content),
        tooLarge: () => exchange.forget(),
      });
      return this.#become(exchange.begin(tapped.written), tapped.body);
    }
    body.gather().then(
      ({ content, how, body: gathered }) => this.#become(exchange.ask(content, how), gathered),
      (thrown: unknown) => this.#feed({ kind: 'refused', error: thrown as Error }),
    );
    return true;
  }

  #become(asked: Asked, body: unknown): boolean {
    if (asked.kind === 'send') return this.#send(body);
    if (asked.kind === 'wait') {
      const fail = (thrown: unknown): Decided => ({ kind: 'refused', error: thrown as Error });
      asked.decided.catch(fail).then((decided) => this.#become(decided, body));
    } else this.#feed(asked);
    return true;
  }

  #feed(fed: Fed): void {
    this.#stopsBy(feed(fed, this.#dispatched.caller, this.#delivers));
  }

  #stopsBy(abort: (reason: unknown) => void): void {
    this.#abort = abort;
    if (this.#halted !== undefined) abort(this.#halted.reason);
  }

  readonly #delivers = (): void => this.#exchange.delivered();

  #send(body: unknown): boolean {
    const { options, handler, send } = this.#dispatched;
    const tapped = tappedHandler(handler, this.#exchange, this.#inScope, (abort) => this.#stopsBy(abort));
    const sent = body === options.body ? options : { ...options, body };
    const key = this.#exchange.idempotencyHeader();
    const keyed =
      key === undefined ? sent : { ...sent, headers: this.#dispatched.body.withHeader(key.name, key.value) };
    return performing(this.#asker.attempt, () => send(keyed, tapped));
  }
}

function startingOf(options: DispatchOptions, { origin, dispatcher }: Way): SentRequest | undefined {
  const url = urlOf(options, String(options.origin ?? origin));
  return url === undefined ? undefined : { method: options.method, url, ...dispatcherSocket(dispatcher) };
}

function urlOf({ path, query }: DispatchOptions, origin: string): string | undefined {
  // As undici itself splits an address: then it is their text, and nearly always one that was asked before.
  if (query === undefined && /^https?:\/\/[^/?#@\\\s]+$/.test(origin) && /^\/(?![/\\])/.test(path))
    return addressOf(origin + path)?.url.href;
  const url = URL.parse(path, origin);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  for (const [name, value] of Object.entries(query ?? {}))
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value])
      url.searchParams.append(name, String(item));
  return url.href;
}
