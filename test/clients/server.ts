// The server of the matrix, on this machine. An address names its situation: a segment of its path begins with `~`.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Content } from './client.ts';
import type { Situation } from './situations/situation.ts';

/** A request as it came in: what recording may not change. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export class MatrixServer implements AsyncDisposable {
  readonly #servers: readonly Server[];
  readonly #sockets = new Set<Socket>();
  readonly #content: Content;
  readonly #situations: ReadonlyMap<string, Situation>;
  readonly #counts = new Map<string, number>();
  #arrived: Record<string, Arrived[]> = {};
  readonly url: string;
  /** Answers requests in absolute form and tunnels, all to itself. */
  readonly proxyUrl: string;
  readonly socketPath: string;

  private constructor(
    servers: readonly Server[],
    socketPath: string,
    content: Content,
    situations: readonly Situation[],
  ) {
    this.#servers = servers;
    this.socketPath = socketPath;
    this.#content = content;
    this.#situations = new Map(situations.map((situation) => [situation.name, situation]));
    const [url, proxyUrl] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    this.url = url as string;
    this.proxyUrl = proxyUrl as string;
    for (const server of servers) {
      server.on('connection', (socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      });
      server.on('request', (request, response) => void this.#serve(request, response));
      server.on('connect', (_request, socket: Socket) => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        servers[0]?.emit('connection', socket);
      });
    }
  }

  static async start(content: Content, situations: readonly Situation[], socketPath: string): Promise<MatrixServer> {
    const servers = [createServer(), createServer(), createServer()];
    for (const [index, server] of servers.entries()) {
      // A client that is busy would find an idle connection closed just when it uses it again.
      server.keepAliveTimeout = 0;
      await new Promise<void>((resolve) => {
        if (index < 2) server.listen(0, '127.0.0.1', resolve);
        else server.listen(socketPath, resolve);
      });
    }
    return new MatrixServer(servers, socketPath, content, situations);
  }

  /** What arrived since this was last asked, by situation. */
  taken(): Readonly<Record<string, readonly Arrived[]>> {
    const arrived = this.#arrived;
    this.#arrived = {};
    this.#counts.clear();
    return arrived;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '', this.url).pathname;
    const [, name = '', rest = ''] = /\/~([^/]+)\/?(.*)$/.exec(decodeURIComponent(path)) ?? [];
    const situation = this.#situations.get(name);
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    response.sendDate = false;
    for (const [header, value] of Object.entries(this.#content.headers ?? {})) response.setHeader(header, value);
    const arrived: { -readonly [Name in keyof Arrived]: Arrived[Name] } = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: pairs(request.rawHeaders),
      body: 'broken off',
    };
    // biome-ignore lint/suspicious/noAssignInExpressions: the list of a situation begins with its first request
    (this.#arrived[name] ??= []).push(arrived);
    const body = await bodyOf(request);
    if (body === undefined) return;
    arrived.body = body.length === 0 ? '' : `${body.length} bytes, ${createHash('sha256').update(body).digest('hex')}`;
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    if (situation === undefined) return void response.writeHead(404).end(`no such situation: ${path}`);
    const base = `${this.url}/~${name}`;
    await situation.serve({ request, response, body, content: this.#content, count, rest, base });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts);
  } catch {
    return undefined;
  }
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] as string] as const] : []));
}
