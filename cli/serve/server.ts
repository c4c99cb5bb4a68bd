// The pages over HTTP, on loopback alone. What is in them is decided elsewhere: this takes requests and sends texts.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RepriseError } from '../../src/index.ts';
import { admitted } from './admission.ts';
import type { Admitted } from './admission.ts';

export interface Pages {
  /** The text of a page; undefined if there is no such page. It does not throw. */
  page(asked: Admitted): Promise<string | undefined>;
}

export interface PageServer {
  /** With its token. */
  readonly url: string;
  close(): void;
}

const loopback = '127.0.0.1';
const tokenBytes = 32;
const connectionsMax = 32;
const headMs = 10_000;

/** The same for whatever is refused, so that nobody learns from it what is there. */
const refusal = 'Not found. Open the address that the command has printed, with its token.\n';

/**
 * What a page may do and who may read it. It names no other origin, and no other origin may embed it, hold it in a window or
 * learn its address.
 */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** @throws RepriseError `usage` if the port is taken */
export async function startServer({ page }: Pages, port: number): Promise<PageServer> {
  const token = randomBytes(tokenBytes).toString('base64url');
  // One page at a time: each holds a whole run in memory.
  let last: Promise<unknown> = Promise.resolve();
  const server = createServer({ headersTimeout: headMs, requestTimeout: headMs }, (request, response) => {
    const asked = admitted(request, { port: portOf(), token });
    if (asked === undefined) return send(response, 404, 'text/plain', refusal);
    last = last.then(async () => {
      if (response.destroyed) return;
      const text = await page(asked);
      if (text === undefined) send(response, 404, 'text/plain', refusal);
      else send(response, 200, 'text/html', text);
    });
  });
  const portOf = (): number => (server.address() as AddressInfo).port;
  server.maxConnections = connectionsMax;
  server.on('checkContinue', (_request: IncomingMessage, response: ServerResponse) =>
    send(response, 404, 'text/plain', refusal),
  );
  server.listen(port, loopback);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new RepriseError('usage', `port ${port} cannot be used: ${(cause as Error).message}`, {
      nextStep: 'Name another one with --port, or none.',
      cause,
    });
  }
  return {
    url: `http://${loopback}:${portOf()}/${token}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    ...headers,
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}
