// A real server on this machine, which counts what its clients let it write and sees when they go.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export class LoopbackServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(handler: Handler): Promise<LoopbackServer> {
    const server = createServer(handler);
    // A test that is busy for seconds would find an idle connection closed just when it uses it again.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LoopbackServer(server);
  }

  on(event: 'upgrade' | 'connect', listener: (first: IncomingMessage, socket: Socket) => void): void;
  on(event: 'checkContinue', listener: Handler): void;
  on(event: string, listener: (...given: never[]) => void): void {
    this.#server.on(event, listener as (...given: unknown[]) => void);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export interface Flood {
  /** Bytes that the server could write before it was made to wait. */
  written: number;
  /** Resolves with the time at which the client had gone. */
  readonly gone: Promise<number>;
}

/** A handler that writes for as long as its client takes, and what it saw, by path. */
export function flooding(
  part: Uint8Array,
  countMax = 2_000,
): { readonly handler: Handler; readonly flood: (path: string) => Flood } {
  const floods = new Map<string, Flood & { readonly left: (time: number) => void }>();
  const flood = (path: string): Flood & { readonly left: (time: number) => void } => {
    let known = floods.get(path);
    if (known === undefined) {
      const { promise, resolve } = Promise.withResolvers<number>();
      known = { written: 0, gone: promise, left: resolve };
      floods.set(path, known);
    }
    return known;
  };
  const handler: Handler = (request, response) => {
    const seen = flood(request.url ?? '');
    response.on('close', () => seen.left(performance.now()));
    response.setHeader('content-type', 'application/octet-stream');
    let count = 0;
    const write = (): void => {
      while (count < countMax && !response.destroyed) {
        count += 1;
        seen.written += part.byteLength;
        if (!response.write(part)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
  };
  return { handler, flood };
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
