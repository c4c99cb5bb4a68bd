// Parts of a body that come in one packet run together in the streams of a client that has no time between them. A replay
// gives them together too.
import { get } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import { httpEffects } from 'reprise/http';
import { exportRunTo } from 'reprise/record';
import { replay } from 'reprise/replay';
import { fetch as packageFetch, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';

const keptFetch = globalThis.fetch;
const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/plain\r\n\r\n';
const chunks = (...texts: readonly string[]): string => texts.map((text) => `${text.length}\r\n${text}\r\n`).join('');

/** Two packets of several chunks each, far enough from each other that a client has read the first one. */
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.setNoDelay(true);
  socket.once('data', () => {
    socket.write(head + chunks('one', 'two', 'three'));
    setTimeout(() => socket.end(`${chunks('four', 'five')}0\r\n\r\n`), 50);
  });
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  for (const socket of sockets) socket.destroy();
});

async function partsOf(stream: AsyncIterable<Uint8Array> | null): Promise<readonly string[]> {
  const parts: string[] = [];
  for await (const part of stream ?? expect.fail()) parts.push(Buffer.from(part).toString());
  return parts;
}

const clients: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  'undici request': async () => partsOf((await request(url)).body),
  'undici fetch': async () => partsOf((await packageFetch(url)).body),
  'fetch, kept before': async () => partsOf((await keptFetch(url)).body),
  'node:http, read': () =>
    new Promise((resolve, reject) => {
      get(url, { agent: false }, (message) => void partsOf(message).then(resolve, reject));
    }),
  'node:http, piped': () =>
    new Promise((resolve, reject) => {
      get(url, { agent: false }, (message) => void partsOf(message.pipe(new PassThrough())).then(resolve, reject));
    }),
  'node:http, by events': () =>
    new Promise((resolve) => {
      const parts: string[] = [];
      get(url, { agent: false }, (message) => {
        message.on('data', (part: Buffer) => parts.push(part.toString())).on('end', () => resolve(parts));
      });
    }),
};

it.each(Object.keys(clients))('gives what came together as it did: %s', async (name) => {
  const asking = graph('asking', { state: fields({ parts: last<readonly string[]>([]) }) })
    .node('ask', async () => ({ delta: { parts: (await clients[name]?.()) ?? expect.fail() } }))
    .start('ask')
    .build();
  const store = memoryStore();
  await using engine = createEngine(asking, { store, effects: [httpEffects()] });
  const { parts } = await engine.run({}, { runId: 'asked' }).orThrow();
  expect(parts.join('')).toBe('onetwothreefourfive');
  const fixture = await exportRunTo(store, 'asked', join(temporaryFolder(), 'asking.run.jsonl'));
  const { report } = await replay(asking, fixture);
  expect(report.divergences).toEqual([]);
});
