// Connections that are open before a replay begins, as in a process that serves or that ran a live test: one of each kind of
// client, all to servers that count what reaches them.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once, setMaxListeners } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';

export const connectionNames = [
  'fetch',
  'a dispatcher of undici',
  'node:http',
  'node:http that waits for a 100 Continue',
  'an HTTP/2 session',
  'a WebSocket',
  'a TCP socket',
  'a Unix socket',
  'a TLS socket',
  'datagrams',
  'the input of a child process',
] as const;
export type ConnectionName = (typeof connectionNames)[number];

export interface OpenConnection {
  readonly name: ConnectionName;
  /** What a replay says that a node tried; undefined for what is recorded, and so answered. */
  readonly refused: RegExp | undefined;
  /** Sends a request or a message and waits for its answer. */
  ask(): Promise<unknown>;
}

export class OpenConnections implements AsyncDisposable {
  /** What reached the servers. */
  hits = 0;
  readonly all: OpenConnection[] = [];
  readonly #closing: (() => void)[] = [];

  static async open(folder: string): Promise<OpenConnections> {
    const connections = new OpenConnections();
    await connections.#openHttp();
    await connections.#openHttp2();
    await connections.#openWebSocket();
    await connections.#openSockets(join(folder, 's'));
    await connections.#openOthers();
    // Every pool is warm.
    for (const { ask } of connections.all) await ask();
    return connections;
  }

  named(name: ConnectionName): OpenConnection {
    return this.all.find((connection) => connection.name === name) as OpenConnection;
  }

  async #openHttp(): Promise<void> {
    const server = http.createServer((request, response) => {
      request.resume().on('end', () => {
        this.hits += 1;
        response.end('ok');
      });
    });
    // An idle connection would be closed while the others are tried.
    server.keepAliveTimeout = 600_000;
    const { port } = await this.#listen(server);
    this.#closing.push(() => server.closeAllConnections());
    const origin = `http://127.0.0.1:${port}`;
    const agent = new http.Agent({ keepAlive: true });
    const dispatcher = new (dispatcherClass())();
    this.#closing.push(
      () => agent.destroy(),
      () => void dispatcher.destroy(),
    );
    this.#add('fetch', undefined, async () => (await fetch(origin)).text());
    this.#add('a dispatcher of undici', undefined, () => dispatched(dispatcher, origin));
    this.#add('node:http', undefined, async () => {
      const [answer] = (await once(http.get(origin, { agent }), 'response')) as [http.IncomingMessage];
      await once(answer.resume(), 'close');
    });
    this.#add('node:http that waits for a 100 Continue', undefined, () => {
      const headers = { expect: '100-continue', 'content-length': 4 };
      const request = http.request(origin, { method: 'POST', agent, headers });
      request.on('continue', () => request.end('body')).flushHeaders();
      return new Promise((resolve, reject) => {
        request.on('error', reject);
        // The agent has the connection back a moment after the end.
        request.on('response', (response) => response.resume().on('end', () => setTimeout(resolve, 5)));
      });
    });
  }

  async #openHttp2(): Promise<void> {
    const server = http2.createServer((request, response) => {
      this.hits += 1;
      request.resume();
      response.end('ok');
    });
    const { port } = await this.#listen(server);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    this.#closing.push(() => session.destroy());
    this.#add('an HTTP/2 session', /GET http:.* over HTTP\/2/, () => {
      const stream = session.request({ ':path': '/' }).resume();
      return answered(stream.end(), 'end');
    });
  }

  async #openWebSocket(): Promise<void> {
    const server = http.createServer();
    server.on('upgrade', (request: http.IncomingMessage, socket: net.Socket) => {
      const accept = createHash('sha1').update(
        `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
      );
      const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade'];
      socket.write(`${head.join('\r\n')}\r\nsec-websocket-accept: ${accept.digest('base64')}\r\n\r\n`);
      socket
        .on('error', () => undefined)
        .on('data', () => {
          this.hits += 1;
          socket.write(Buffer.from([0x81, 2, 0x6f, 0x6b]));
        });
      this.#closing.push(() => socket.destroy());
    });
    const { port } = await this.#listen(server);
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    setMaxListeners(0, client);
    await new Promise((resolve) => client.addEventListener('open', resolve, { once: true }));
    this.#add('a WebSocket', /WebSocket/, () => {
      const answer = new Promise((resolve) => client.addEventListener('message', resolve, { once: true }));
      client.send('hi');
      return answer;
    });
  }

  async #openSockets(path: string): Promise<void> {
    const serve = (socket: net.Socket): void => {
      socket
        .on('error', () => undefined)
        .on('data', () => {
          this.hits += 1;
          socket.write('ok');
        });
    };
    const { port } = await this.#listen(net.createServer(serve));
    await this.#addSocket('a TCP socket', net.connect(port, '127.0.0.1'), 'connect');
    const unix = net.createServer(serve);
    await new Promise<void>((resolve) => unix.listen(path, resolve));
    this.#closing.push(() => unix.close());
    await this.#addSocket('a Unix socket', net.connect(path), 'connect');
    const key = { psk: Buffer.alloc(16, 1), identity: 'test' };
    const secret = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
    const server = tls.createServer({ ...secret, pskCallback: () => key.psk }, serve);
    const { port: tlsPort } = await this.#listen(server);
    const client = tls.connect({
      ...secret,
      port: tlsPort,
      pskCallback: () => key,
      checkServerIdentity: () => undefined,
    });
    await this.#addSocket('a TLS socket', client, 'secureConnect');
  }

  async #openOthers(): Promise<void> {
    const server = dgram.createSocket('udp4');
    server.on('message', (_message, from) => {
      this.hits += 1;
      server.send('ok', from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const client = dgram.createSocket('udp4');
    this.#closing.push(
      () => server.close(),
      () => client.close(),
    );
    this.#add('datagrams', /UDP datagram to 127\.0\.0\.1:\d+/, () => {
      client.send('hi', server.address().port, '127.0.0.1');
      return answered(client, 'message');
    });
    const child = spawn(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#closing.push(() => child.kill());
    child.stdout.on('data', () => {
      this.hits += 1;
    });
    this.#add('the input of a child process', /a write to a Unix socket or pipe/, () => {
      child.stdin.write('hi');
      return answered(child.stdout, 'data');
    });
  }

  async #addSocket(name: ConnectionName, socket: net.Socket, opened: string): Promise<void> {
    this.#closing.push(() => socket.destroy());
    await answered(socket, opened);
    this.#add(name, /a write to .* over an open connection/, () => {
      socket.write('hi');
      return answered(socket, 'data');
    });
  }

  async #listen(server: net.Server | http2.Http2Server): Promise<AddressInfo> {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#closing.push(() => server.close());
    return server.address() as AddressInfo;
  }

  #add(name: ConnectionName, refused: RegExp | undefined, ask: () => Promise<unknown>): void {
    this.all.push({ name, refused, ask: async () => await ask() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing.reverse()) close();
  }
}

interface Dispatcher {
  dispatch(options: object, handler: object): boolean;
  destroy(): Promise<void>;
}

/** The class of dispatchers in Node's own copy of undici. */
export function dispatcherClass(): new (options?: { readonly connections: number }) => Dispatcher {
  void new Response(null);
  const globals = globalThis as unknown as Record<symbol, { readonly constructor: ReturnType<typeof dispatcherClass> }>;
  const shared = globals[Symbol.for('undici.globalDispatcher.2')] ?? globals[Symbol.for('undici.globalDispatcher.1')];
  if (shared === undefined) throw new Error('this Node has no shared dispatcher');
  return shared.constructor;
}

/** A request straight through `dispatch`, with the handler of both interfaces. */
export function dispatched(dispatcher: Dispatcher, origin: string, headers = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const handler = {
      onConnect: () => undefined,
      onHeaders: () => true,
      onData: () => true,
      onComplete: resolve,
      onError: reject,
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: () => undefined,
      onResponseEnd: resolve,
      onResponseError: (_controller: unknown, error: Error) => reject(error),
    };
    dispatcher.dispatch({ origin, path: '/', method: 'GET', headers }, handler);
  });
}

function answered(target: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    target.once('error', reject);
    target.once(event, () => {
      target.off('error', reject);
      resolve();
    });
  });
}
