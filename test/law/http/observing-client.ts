// A client that tells everything it can see of an exchange.
import { get, request as makeRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { look } from '../../support/error-look.ts';
import { byPart } from './answer-script.ts';
import type { Client, Exchange } from './answer-script.ts';
import type { ScriptedServer } from './scripted-server.ts';

export type Seen = Record<string, unknown>;

/** A client gives up a server that says nothing after this long. */
const patienceMs = 25;

export async function observe(server: ScriptedServer, path: string, exchange: Exchange): Promise<Seen> {
  return exchange.client.kind === 'fetch' ? fetched(server, path, exchange) : requested(server, path, exchange);
}

let closedPort: number | undefined;
export async function findClosedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closedPort = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  return closedPort;
}

function urlOf(server: ScriptedServer, path: string, { target, isMoved }: Client): string {
  if (target === 'closed port') return `http://127.0.0.1:${closedPort}${path}`;
  if (target === 'localhost') return `http://localhost:${closedPort}${path}`;
  return `http://127.0.0.1:${server.port}${isMoved ? '/moved' : ''}${path}`;
}

/** When a client gives up a server that says nothing more: as soon as it has seen all there is. */
function patienceOf({ answer, client }: Exchange, giveUp: () => void): { seen(byteCount: number): void } {
  if (answer.end !== 'stall' || client.target !== 'server' || answer.fails === 'in the head')
    return { seen: () => undefined };
  const isByPart = byPart.has(client.reading) && answer.fails === '' && client.method !== 'HEAD';
  let left = isByPart ? Buffer.byteLength(answer.parts.join('')) : 0;
  return {
    // Called with 0 once the head is there; without a head, at the beginning.
    seen: (byteCount) => {
      left -= byteCount;
      if (left === 0) giveUp();
    },
  };
}

async function fetched(server: ScriptedServer, path: string, exchange: Exchange): Promise<Seen> {
  const { client } = exchange;
  const stop = new AbortController();
  const isUnanswered = exchange.answer.fails === 'before the head' && exchange.answer.end === 'stall';
  const signal = isUnanswered && client.target === 'server' ? AbortSignal.timeout(patienceMs) : stop.signal;
  const patience = patienceOf(exchange, () =>
    setTimeout(() => stop.abort(new DOMException('slow', 'TimeoutError')), patienceMs),
  );
  const seen: Seen = {};
  const parts: string[] = [];
  try {
    const response = await fetch(urlOf(server, path, client), { method: client.method, signal });
    const { status, statusText, ok, redirected, type, url } = response;
    const headers = [...response.headers];
    Object.assign(seen, { status, statusText, ok, redirected, type, headers, path: new URL(url).pathname });
    seen.isImmutable = refuses(() => response.headers.set('a', 'b'));
    seen.hasBody = response.body !== null;
    const reading = { parts, stop, proceed: () => server.proceed(path), seen: patience.seen };
    if (response.body !== null) await readBody(response, exchange, reading);
    seen.bodyUsed = response.bodyUsed;
    seen.ended = 'complete';
  } catch (error) {
    seen.error = look(error);
  }
  return { ...seen, parts };
}

interface Reading {
  readonly parts: string[];
  readonly stop: AbortController;
  readonly proceed: () => void;
  readonly seen: (byteCount: number) => void;
}

async function readBody(
  response: Response,
  { client }: Exchange,
  { parts, stop, proceed, seen }: Reading,
): Promise<void> {
  seen(0);
  const body = response.body as ReadableStream<Uint8Array>;
  const take = (part: Uint8Array): void => {
    parts.push(Buffer.from(part).toString('latin1'));
    seen(part.byteLength);
    // What the client does with its bytes is its own affair.
    part.fill(0);
  };
  const isEnough = (): boolean => parts.length === client.stopsAfter;
  switch (client.reading) {
    case 'reader': {
      const reader = body.getReader();
      for (;;) {
        if (isEnough()) {
          if (client.stopsBy === 'reader') return reader.cancel('enough');
          stop.abort();
        }
        proceed();
        const part = await reader.read();
        if (part.done) return;
        take(part.value);
      }
    }
    case 'iterate':
      proceed();
      for await (const part of body) {
        take(part);
        if (isEnough()) {
          if (client.stopsBy === 'reader') return;
          stop.abort();
        }
        proceed();
      }
      return;
    case 'unread':
      return;
    default:
      break;
  }
  parts.push(await readWhole(response, client));
}

async function readWhole(response: Response, { reading }: Client): Promise<string> {
  if (reading === 'bytes') return Buffer.from(await response.bytes()).toString('latin1');
  if (reading === 'clone') {
    const clone = response.clone();
    return (await Promise.all([response.text(), clone.text()])).join(' and ');
  }
  if (reading === 'text') return response.text();
  let text = '';
  for await (const part of (response.body as ReadableStream<never>).pipeThrough(new TextDecoderStream())) text += part;
  return text;
}

function refuses(change: () => void): boolean {
  try {
    change();
    return false;
  } catch {
    return true;
  }
}

async function requested(server: ScriptedServer, path: string, exchange: Exchange): Promise<Seen> {
  const { client } = exchange;
  const stop = new AbortController();
  const seen: Seen = {};
  const events: unknown[] = [];
  const make = client.method === 'GET' ? get : makeRequest;
  const request: ClientRequest = make(urlOf(server, path, client), { method: client.method, signal: stop.signal });
  if (client.method !== 'GET') request.end();
  const patience = patienceOf(exchange, () =>
    request.setTimeout(patienceMs, () => request.destroy(new Error('too slow'))),
  );
  if (exchange.answer.fails === 'before the head') patience.seen(0);
  request.on('information', ({ statusCode, headers }: IncomingMessage) =>
    events.push(['hint', statusCode, { ...headers }]),
  );
  request.on('timeout', () => events.push('timeout'));
  request.on('error', (error) => events.push(['error', look(error)]));
  const parts: string[] = [];
  let reading: Promise<void> | undefined;
  request.on('response', (message) => {
    const { statusCode, statusMessage, rawHeaders, headers } = message;
    Object.assign(seen, { statusCode, statusMessage, headers: { ...headers } });
    // The length of an encoded body is that of the encoded form, and that may be another one.
    const isEncoded = headers['content-encoding'] !== undefined;
    const isLength = (name: string): boolean => isEncoded && name.toLowerCase() === 'content-length';
    seen.rawHeaders = rawHeaders.map((text, index) =>
      index % 2 === 1 && isLength(rawHeaders[index - 1] as string) ? '?' : text,
    );
    if (isEncoded && headers['content-length'] !== undefined) seen.headers = { ...headers, 'content-length': '?' };
    for (const event of ['aborted', 'end', 'close']) message.on(event, () => events.push(`message ${event}`));
    message.on('error', (error) => events.push(['message error', look(error)]));
    const how = { parts, stop, proceed: () => server.proceed(path), seen: patience.seen };
    reading = readMessage(message, exchange, how, events).finally(() => {
      const { complete, rawTrailers, trailers } = message;
      Object.assign(seen, { complete, rawTrailers, trailers: { ...trailers } });
    });
  });
  await new Promise((resolve) => request.once('close', resolve));
  await reading;
  return { ...seen, events, parts };
}

const decoders: Readonly<Record<string, () => Readable & NodeJS.WritableStream>> = {
  gzip: () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

async function readMessage(
  message: IncomingMessage,
  { client }: Exchange,
  { parts, stop, proceed, seen }: Reading,
  events: unknown[],
): Promise<void> {
  seen(0);
  const coding = message.headers['content-encoding'] ?? '';
  const decoder = decoders[coding]?.();
  decoder?.on('error', () => undefined);
  const body: Readable = decoder === undefined ? message : pipeline(message, decoder, () => undefined);
  if (client.reading === 'texts') body.setEncoding('utf8');
  if (client.reading === 'unread') {
    message.resume();
    await new Promise((resolve) => message.once('close', resolve));
    return;
  }
  const took = (part: Buffer | string): void => {
    parts.push(typeof part === 'string' ? part : part.toString('latin1'));
    seen(Buffer.byteLength(part));
    if (typeof part !== 'string') part.fill(0);
    if (parts.length === client.stopsAfter) halt();
    proceed();
  };
  const halt = (): void => {
    if (client.stopsBy === 'signal') stop.abort();
    else message.destroy();
  };
  if (client.stopsAfter === 0) halt();
  try {
    if (client.reading === 'iterate') {
      proceed();
      for await (const part of body) took(part as Buffer);
    } else {
      body.on('data', took).on('error', () => undefined);
      proceed();
      await new Promise((resolve) => body.once('close', resolve));
    }
    events.push('read');
  } catch (error) {
    events.push(['reading failed', look(error)]);
  }
}
