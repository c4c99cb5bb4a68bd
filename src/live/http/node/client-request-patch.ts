// Catches requests of node:http(s), no matter which function makes them or when it was imported. A request is caught when
// it asks its agent for a socket, before anything connects. One with a custom agent or connection is caught when it is
// made, and its socket is withheld. Both happen in the asynchronous context in which the request is made.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { AsyncResource } from 'node:async_hooks';
import { keptWith } from '../../../base/kept-with.ts';
import { unrecorded } from '../../../port/performing.ts';
import { sending } from '../../../port/sent-requests.ts';
import type { Asker, Askers, Starting } from '../options/asker.ts';
import type { SentRequest } from '../options/http-options.ts';
import { AwaitedSocket } from './awaited-socket.ts';
import { HeldRequest, sentBy } from './held-request.ts';
import type { HeldSetup } from './held-request.ts';

interface RequestOptions {
  readonly host?: string;
  readonly port?: number | string;
}
type AddRequest = (this: Agent, request: ClientRequest, options: RequestOptions, ...legacy: unknown[]) => void;
type OnSocket = (this: ClientRequest, socket: Duplex | undefined, error?: Error) => void;

/** One that is no part of its run: what it emits still belongs to the context in which it was made. */
class OutsideRequest implements Pick<HeldRequest, 'inContext' | 'socketArrived'> {
  readonly #context = new AsyncResource('RepriseRequest', { requireManualDestroy: true });
  inContext<Result>(run: () => Result): Result {
    return this.#context.runInAsyncScope(run);
  }
  readonly socketArrived = undefined;
}

/** Every request seen so far, so that each is looked at once. */
const known = keptWith<ClientRequest, HeldRequest | OutsideRequest | 'passed'>();

export function patchClientRequest(askers: Askers): () => void {
  const agentPrototype = Agent.prototype as unknown as { addRequest: AddRequest };
  const requestPrototype = ClientRequest.prototype as unknown as { onSocket: OnSocket };
  const { addRequest } = agentPrototype;
  const { onSocket } = requestPrototype;

  const patchedAddRequest: AddRequest = function (request, options, ...legacy) {
    const sent = (): SentRequest => sentBy(request, `${bracketed(options.host ?? 'localhost')}:${options.port ?? 80}`);
    const asker = whoAsks(request, askers, sent);
    if (asker === undefined || passes(request, asker.attempt))
      return addRequest.call(this, request, options, ...legacy);
    const send = (): void => addRequest.call(this, request, options, ...legacy);
    const connect: HeldSetup['connect'] = (how) => connecting(request, asker, how, send);
    if (asker.passes !== undefined) return leaveAlone(request, connect);
    const giveSocket = (socket: Duplex | undefined, error?: Error): void => onSocket.call(request, socket, error);
    hold({ request, asker, sent: sent(), connect, giveSocket });
  };

  const patchedOnSocket: OnSocket = function (socket, error) {
    holdWithoutAgent(this);
    const held = known.get(this);
    if (held === undefined || held === 'passed') {
      onSocket.call(this, socket, error);
      return;
    }
    // This runs in the context of the connection; what the request does with its socket belongs to its own context.
    const arrived = held.socketArrived ?? ((...given) => onSocket.call(this, ...given));
    held.inContext(() => arrived(socket, error));
  };

  /** A custom agent does not ask for a socket through `addRequest`: one arrives unasked, now or later. */
  const holdWithoutAgent = (request: ClientRequest): void => {
    const sent = (): SentRequest => sentBy(request, String(request.getHeader('host') ?? request.host));
    const asker = whoAsks(request, askers, sent);
    if (asker === undefined || passes(request, asker.attempt)) return;
    if (asker.passes !== undefined) return void known.set(request, 'passed');
    const socket = new AwaitedSocket((given, error) => onSocket.call(request, given, error));
    const giveSocket: HeldSetup['giveSocket'] = (other, error) => {
      socket.refuse();
      onSocket.call(request, other, error);
    };
    const socketArrived: HeldSetup['socketArrived'] = (given, error) => socket.arrive(given, error);
    hold({
      request,
      asker,
      sent: sent(),
      connect: (how) => connecting(request, asker, how, () => socket.accept()),
      giveSocket,
      socketArrived,
    });
  };
  const created = (message: unknown): void =>
    holdWithoutAgent((message as { readonly request: ClientRequest }).request);

  agentPrototype.addRequest = patchedAddRequest;
  requestPrototype.onSocket = patchedOnSocket;
  subscribe(createdChannel, created);
  return () => {
    unsubscribe(createdChannel, created);
    if (agentPrototype.addRequest === patchedAddRequest) agentPrototype.addRequest = addRequest;
    if (requestPrototype.onSocket === patchedOnSocket) requestPrototype.onSocket = onSocket;
  };
}

function connecting(request: ClientRequest, { attempt }: Asker, how: 'unrecorded' | undefined, send: () => void): void {
  if (how === 'unrecorded') unrecorded(attempt, send);
  else sending(request, attempt, send);
}

function hold(setup: HeldSetup): void {
  const held = new HeldRequest(setup);
  known.set(setup.request, held);
  held.start();
}

function leaveAlone(request: ClientRequest, connect: () => void): void {
  known.set(request, new OutsideRequest());
  connect();
}

/** Asks once for each request. */
function whoAsks(request: ClientRequest, askers: Askers, starting: Starting): Asker | undefined {
  if (known.get(request) !== undefined) return undefined;
  const asker = askers.who(starting);
  if (asker !== undefined) return asker;
  known.set(request, 'passed');
  askers.noteNobodys(() => String(request.getHeader('host') ?? request.host), starting);
  return undefined;
}

/** Published at the end of the constructor, before anything can be written to the request. */
const createdChannel = 'http.client.request.created';

/** Lets a request that cannot be recorded go out unchanged, and reports it. */
function passes(request: ClientRequest, attempt: { noteUnrecorded(what: string): void }): boolean {
  if (request.method !== 'CONNECT' && !request.hasHeader('upgrade')) return false;
  known.set(request, 'passed');
  attempt.noteUnrecorded(`${request.method} ${request.protocol}//${request.host}: it switches protocols`);
  return true;
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
