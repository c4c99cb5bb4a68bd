// What a recorded `fetch` puts on the wire is what it puts there without us, byte for byte, however the call is written.
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';

/** Each request as it arrived. It is answered once its head and as much of a body as it names are there. */
const arrived: string[] = [];

const server = createServer((socket: Socket) => {
  let text = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (head < 0 || text.length < head + 4 + length) return;
    arrived.push(text);
    socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok');
  });
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20b?c=1#part`;
});
afterAll(() => void server.close());

const given = new Headers({ 'X-Upper': '1', lower: '2' });
given.append('lower', '3');

const calls: Readonly<Record<string, () => Parameters<typeof fetch>>> = {
  'an address alone': () => [url],
  'an address as an object': () => [new URL(url), { method: 'DELETE' }],
  'a text': () => [url, { method: 'POST', body: 'grüße' }],
  'an empty text': () => [url, { method: 'POST', body: '' }],
  'headers of a record': () => [
    url,
    { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json', 'x-b': ' 2 ', 'X-A': '1' } },
  ],
  'headers of an object': () => [url, { method: 'PUT', body: '{}', headers: given }],
  'headers of pairs': () => [
    url,
    {
      headers: [
        ['z', '1'],
        ['y', '2'],
        ['z', '3'],
      ],
    },
  ],
  'a method in lower case': () => [url, { method: 'post', body: 'text' }],
  'a signal': () => [url, { signal: new AbortController().signal, headers: { accept: 'text/csv' } }],
  bytes: () => [url, { method: 'POST', body: new Uint8Array([65, 66, 255]) }],
  'a buffer': () => [url, { method: 'PATCH', body: new TextEncoder().encode('text').buffer }],
  parameters: () => [url, { method: 'POST', body: new URLSearchParams({ a: '1 2' }) }],
  'a Request': () => [new Request(url, { method: 'POST', body: 'text', headers: given })],
  'other options': () => [url, { redirect: 'manual', credentials: 'omit', cache: 'no-store', keepalive: true }],
};

async function sentBy(call: () => Parameters<typeof fetch>): Promise<string | undefined> {
  arrived.length = 0;
  await (await fetch(...call())).text();
  return arrived[0];
}

it.each(Object.keys(calls))('sends %s unaltered', async (name) => {
  const call = calls[name] as () => Parameters<typeof fetch>;
  const bare = await sentBy(call);
  let recorded: string | undefined;
  const asking = graph('asking', { state: fields({}) })
    .node('ask', async () => {
      recorded = await sentBy(call);
    })
    .start('ask')
    .build();
  await using engine = createEngine(asking, { effects: [httpEffects()] });
  await engine.run({}).orThrow();
  expect(recorded).toBe(bare);
});

it('refuses an invalid call as without us, and records nothing of it', async () => {
  const invalid = { method: 'GET', body: 'text' };
  const error = await fetch(url, invalid).catch((thrown: unknown) => thrown as Error);
  let same: unknown;
  const asking = graph('asking', { state: fields({}) })
    .node('ask', async () => {
      same = await fetch(url, invalid).catch((thrown: unknown) => thrown);
    })
    .start('ask')
    .build();
  await using engine = createEngine(asking, { effects: [httpEffects()] });
  await engine.run({}).orThrow();
  expect(same).toEqual(error);
});
