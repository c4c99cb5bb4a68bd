// An update performs what is new, whichever client asks for it, or refuses it before any of it has left.
import { EventEmitter } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import nodeFetch from 'node-fetch';
import { append, createEngine, fields, graph, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { Agent as UndiciAgent, request as undiciRequest } from 'undici';
import { expect, it } from 'vitest';
// @ts-expect-error: it has no types here
import { WebSocket as Ws } from 'ws';
import { updateFixture } from '../../../src/update/update-fixture.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bodyOf, LoopbackServer } from '../../support/loopback-server.ts';

type Client = (url: string) => Promise<string>;

async function textOf(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of answer) parts.push(part);
  return Buffer.concat(parts).toString();
}

function viaNode(options: http.RequestOptions = {}, body: readonly string[] = []): Client {
  return (url) =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { ...options, method: body.length === 0 ? 'GET' : 'POST' }, (answer) => {
        textOf(answer).then(resolve, reject);
      });
      request.on('error', reject);
      for (const part of body) request.write(part);
      request.end();
    });
}

/** Follows a redirection by itself, as clients on top of node:http do. */
const redirected: Client = (url) =>
  new Promise((resolve, reject) => {
    const request = http.get(url.replace('/of/', '/moved/'), (answer) => {
      answer.resume();
      viaNode()(new URL(String(answer.headers.location), url).href).then(resolve, reject);
    });
    request.on('error', reject);
  });

const twice =
  (client: Client): Client =>
  async (url) =>
    `${await client(`${url}-1`)}, ${await client(`${url}-2`)}`;

const atOnce =
  (client: Client): Client =>
  async (url) =>
    (await Promise.all([1, 2, 3].map((number) => client(`${url}-${number}`)))).join();

const kept = new http.Agent({ keepAlive: true });
const one = new http.Agent({ keepAlive: true, maxSockets: 1 });
const undiciAgent = new UndiciAgent();

const clients: Readonly<Record<string, Client>> = {
  fetch: async (url) => (await fetch(url)).text(),
  'node-fetch': async (url) => (await nodeFetch(url)).text(),
  'node:http': viaNode(),
  'node:http without an agent': viaNode({ agent: false }),
  'node:http with a connection of its own': viaNode({
    agent: false,
    createConnection: ({ host, port }) => connect(Number(port), String(host)),
  }),
  'node:http that keeps connections': twice(viaNode({ agent: kept })),
  'node:http, one connection for several at once': atOnce(viaNode({ agent: one })),
  'node:http, several at once': atOnce(viaNode()),
  'node:http with a body in parts': viaNode({}, ['one', 'two']),
  'node:http with a redirection': redirected,
  undici: async (url) => (await undiciRequest(url)).body.text(),
  'undici with a dispatcher': async (url) => (await undiciRequest(url, { dispatcher: undiciAgent })).body.text(),
  'fetch with a stream': async (url) => {
    const body = Readable.toWeb(Readable.from([Buffer.from('one'), Buffer.from('two')]));
    return (await fetch(url, { method: 'POST', body, duplex: 'half' } as unknown as RequestInit)).text();
  },
};

/** An agent of another make connects as soon as it is asked. */
class OtherAgent extends EventEmitter {
  readonly protocol = 'http:';
  readonly defaultPort = 80;
  addRequest(request: http.ClientRequest, { host, port }: { readonly host: string; readonly port: number }): void {
    request.onSocket(connect(port, host));
  }
}

/** What no run records. */
const refused: Readonly<Record<string, Client>> = {
  'node:http with an agent of another make': viaNode({ agent: new OtherAgent() as unknown as http.Agent }),
  'node:http2': (url) =>
    new Promise((resolve, reject) => {
      const session = http2.connect(new URL(url).origin);
      session.on('error', reject);
      const stream = session.request({ ':path': new URL(url).pathname });
      stream.on('error', reject);
      textOf(stream).then(resolve, reject);
      stream.end();
    }),
  'a web socket': (url) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url.replace('http', 'ws'));
      socket.addEventListener('open', () => resolve('open'));
      socket.addEventListener('error', () => reject(new Error('no web socket')));
    }),
  'fetch of more than is recorded': async (url) => {
    const body = Readable.toWeb(Readable.from(Array.from({ length: 65 }, () => Buffer.alloc(1024 * 1024))));
    return (await fetch(url, { method: 'POST', body, duplex: 'half' } as unknown as RequestInit)).text();
  },
  'node:http with more than is recorded': viaNode(
    {},
    Array.from({ length: 65 }, () => 'x'.repeat(1024 * 1024)),
  ),
  'the package ws': (url) =>
    new Promise((resolve, reject) => {
      const socket = new Ws(url.replace('http', 'ws'));
      socket.on('open', () => resolve('open'));
      socket.on('error', reject);
    }),
};

function weather(url: () => string, client: Client, city: string, more?: Client): AnyGraph {
  return graph('weather', { state: fields({ log: append<string>() }) })
    .node('look', async () => {
      const log = [await client(`${url()}/of/${city}`)];
      if (more !== undefined) log.push(await more(`${url()}/of/${city}`));
      return { delta: { log } };
    })
    .start('look')
    .build() as unknown as AnyGraph;
}

async function serving(seen: string[]): Promise<LoopbackServer> {
  return LoopbackServer.start(async (request, response) => {
    const body = await bodyOf(request);
    seen.push(`${request.method} ${request.url} ${body.toString().slice(0, 20)}`);
    if (request.url?.startsWith('/moved/') === true)
      response.writeHead(302, { location: request.url.replace('/moved/', '/of/') }).end();
    else response.end(`sun in ${request.url}`);
  });
}

async function recorded(built: AnyGraph): Promise<string> {
  const store = memoryStore();
  await using engine = createEngine(built, { store, effects: [httpEffects()] });
  await engine.run({}, { runId: 'one', seed: 'seed' });
  const path = join(temporaryFolder(), 'one.run.jsonl');
  await exportRunTo(store, 'one', path);
  return path;
}

it.each(Object.keys(clients))('%s is performed', async (name) => {
  const client = clients[name] as Client;
  const seen: string[] = [];
  await using server = await serving(seen);
  const of = (city: string): AnyGraph => weather(() => server.url, client, city);
  const path = await recorded(of('rome'));
  const before = seen.splice(0);
  expect(before).not.toEqual([]);
  const updated = await updateFixture(of('oslo'), path, { live: true });
  expect(updated).toMatchObject({ verdict: 'updated', run: { status: 'done' } });
  expect(seen.toSorted()).toEqual(before.map((line) => line.replace('rome', 'oslo')).toSorted());
  expect((await replay(of('oslo'), path)).report.verdict).toBe('same');
  expect(await updateFixture(of('oslo'), path)).toMatchObject({ verdict: 'unchanged' });
});

it.each(Object.keys(refused))('%s is refused, and nothing is sent behind a refusal', async (name) => {
  const client = refused[name] as Client;
  const seen: string[] = [];
  await using server = await serving(seen);
  const path = await recorded(weather(() => server.url, viaNode(), 'rome'));
  const before = readFileSync(path, 'utf8');
  seen.splice(0);
  const caught: Client = (url) => client(url).catch(() => 'none');
  const updated = await updateFixture(
    weather(() => server.url, caught, 'oslo', viaNode()),
    path,
    { live: true },
  );
  expect({ verdict: updated.verdict, seen }).toEqual({ verdict: 'refused', seen: [] });
  expect(readFileSync(path, 'utf8')).toBe(before);
});
