// Watches what a dispatcher tells its caller, and passes all of it on unchanged.
import type { InterimAnswer } from '../../../../journal/answer-facts.ts';
import type { Pairs } from '../../answer/answer-record.ts';
import type { InScope } from '../../caller-scope.ts';
import type { Exchange } from '../../exchange.ts';
import { keepsBody } from './dispatch-caller.ts';
import type { DispatchController, DispatchHandler } from './dispatch-caller.ts';

type Method = (...given: unknown[]) => unknown;

/** `begun` gets what stops the request on the wire. */
export function tappedHandler(
  handler: DispatchHandler,
  exchange: Exchange,
  inScope: InScope,
  begun: (abort: (reason: unknown) => void) => void,
): DispatchHandler {
  const interim: InterimAnswer[] = [];
  const taps: { readonly [name: string]: (given: unknown[]) => unknown[] } = {
    onConnect: ([abort, ...more]) => {
      begun(abort as (reason: unknown) => void);
      return [stopping(exchange, abort as Method), ...more];
    },
    onRequestStart: ([controller, ...more]) => {
      begun((reason) => (controller as DispatchController).abort(reason));
      return [watched(controller as DispatchController, exchange), ...more];
    },
    onHeaders: (given) => {
      takeHead(exchange, interim, given[0] as number, given[1] as readonly Buffer[], given[3]);
      return given;
    },
    onResponseStart: (given) => {
      takeHead(exchange, interim, given[1] as number, (given[0] as DispatchController).rawHeaders, given[3]);
      return [watched(given[0] as DispatchController, exchange), ...given.slice(1)];
    },
    onData: (given) => {
      exchange.take(given[0] as Uint8Array, false, keepsBody(handler));
      return given;
    },
    onResponseData: ([controller, bytes]) => {
      exchange.take(bytes as Uint8Array, false, keepsBody(handler));
      return [watched(controller as DispatchController, exchange), bytes];
    },
    onComplete: (given) => {
      exchange.complete(pairsOf((given[0] ?? []) as readonly Buffer[]));
      return given;
    },
    onResponseEnd: (given) => {
      exchange.complete(pairsByName((given[1] ?? {}) as HeadersByName));
      return given;
    },
    onError: (given) => {
      broke(exchange, handler, given[0]);
      return given;
    },
    onResponseError: (given) => {
      broke(exchange, handler, given[1]);
      return given;
    },
  };
  // A proxy, because handlers keep private fields that only their own methods may read.
  return new Proxy(handler, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const tap = typeof name === 'string' ? taps[name] : undefined;
      if (tap === undefined) return (...given: unknown[]): unknown => Reflect.apply(value, target, given);
      return (...given: unknown[]): unknown => inScope(() => Reflect.apply(value, target, tap(given)));
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

const controllers = new WeakMap<DispatchController, DispatchController>();

/** The caller's way to stop its request. The same object each time, as without us. */
function watched(controller: DispatchController, exchange: Exchange): DispatchController {
  const known = controllers.get(controller);
  if (known !== undefined) return known;
  const abort = stopping(exchange, (reason) => controller.abort(reason));
  const proxy = new Proxy(controller, {
    get(target, name) {
      if (name === 'abort') return abort;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function'
        ? (...given: unknown[]): unknown => Reflect.apply(value, target, given)
        : value;
    },
  });
  controllers.set(controller, proxy);
  return proxy;
}

function stopping(exchange: Exchange, abort: Method): Method {
  return (...given) => {
    exchange.stop();
    return abort(...given);
  };
}

function takeHead(
  exchange: Exchange,
  interim: InterimAnswer[],
  status: number,
  raw: readonly (Buffer | string)[],
  statusText: unknown,
): void {
  if (exchange.isAnswering) return;
  const headers = pairsOf(raw);
  const head = { status, headers, ...(typeof statusText === 'string' ? { statusText } : {}) };
  if (status < 200) {
    interim.push({ statusText: '', ...head });
    return;
  }
  const encoding = headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? '';
  exchange.head({ ...head, encoding, ...(interim.length === 0 ? {} : { interim }) });
}

type HeadersByName = Readonly<Record<string, string | readonly string[]>>;

function pairsByName(headers: HeadersByName): Pairs {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const));
}

function pairsOf(rawHeaders: readonly (Buffer | string)[]): Pairs {
  const pairs: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    pairs.push([textOf(rawHeaders[index]), textOf(rawHeaders[index + 1])]);
  return pairs;
}

function textOf(raw: Buffer | string | undefined): string {
  return typeof raw === 'string' ? raw : (raw?.toString('latin1') ?? '');
}

function broke(exchange: Exchange, handler: DispatchHandler, error: unknown): void {
  if (exchange.isAnswering) exchange.breakOff(error, keepsBody(handler));
  else exchange.fail(error);
}
