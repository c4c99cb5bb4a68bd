// What a client decodes by itself it gets before its connection breaks, however long the decoding takes.
import { pbkdf2 } from 'node:crypto';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { PassThrough, pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { crashedBeforeOutcome } from '../../support/crashed-store.ts';
import { temporaryFolder } from '../../support/folder.ts';

const texts = ['first ', 'second ', 'third'];
let server: Server;
let proceed = (): void => undefined;
let sentCount = 0;

/** Sends each part when the one before it has been decoded, and then something that is no chunk. */
beforeAll(async () => {
  const parts = await encoded();
  server = createServer((socket) => {
    sentCount += 1;
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      const coding = String(bytes).startsWith('GET /encoded') ? 'Content-Encoding: gzip\r\n' : '';
      socket.write(`HTTP/1.1 200 OK\r\n${coding}Transfer-Encoding: chunked\r\n\r\n`);
      const left = [...parts];
      proceed = () => {
        const part = left.shift();
        if (part === undefined) socket.write('this is no chunk\r\n');
        else socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
      };
      proceed();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => void server.close());

async function encoded(): Promise<readonly Buffer[]> {
  const encoder = createGzip();
  const parts: Buffer[] = [];
  for (const text of texts) {
    const taken: Buffer[] = [];
    encoder.on('data', (bytes: Buffer) => taken.push(bytes));
    encoder.write(text);
    await new Promise<void>((resolve) => encoder.flush(() => resolve()));
    await new Promise((resolve) => setImmediate(resolve));
    encoder.removeAllListeners('data');
    parts.push(Buffer.concat(taken));
  }
  return parts;
}

type Got = (part: Uint8Array) => void;

const urlOf = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;

const message = (): Promise<IncomingMessage> =>
  new Promise((resolve) => {
    get(urlOf('encoded'), resolve).on('error', () => undefined);
  });

async function each(read: AsyncIterable<Uint8Array>, got: Got): Promise<void> {
  try {
    for await (const part of read) got(part);
  } catch {
    // It broke off.
  }
}

/** Reads until the connection breaks. */
const clients: Readonly<Record<string, (got: Got) => Promise<void>>> = {
  'pipes to a decoder': async (got) => {
    const decoder = createGunzip().on('error', () => undefined);
    (await message()).on('error', (error) => decoder.destroy(error)).pipe(decoder);
    decoder.on('data', got);
    await new Promise((resolve) => decoder.once('close', resolve));
  },
  'reads a pipeline': async (got) =>
    each(
      pipeline(await message(), new PassThrough(), createGunzip(), () => undefined),
      got,
    ),
  'writes each part to a decoder': async (got) => {
    const decoder = createGunzip().on('data', got);
    const answer = await message();
    answer.on('data', (part: Buffer) => decoder.write(part)).on('error', () => decoder.destroy());
    await new Promise((resolve) => answer.once('close', resolve));
  },
  'decodes what fetch gives': async (got) => {
    const { body } = await fetch(urlOf('archive.gz'));
    await each((body as ReadableStream).pipeThrough(new DecompressionStream('gzip') as never), got);
  },
};

/** Keeps every thread of the pool busy, for longer than anybody would wait turn by turn. */
const occupy = (): Promise<unknown> =>
  Promise.all(Array.from({ length: 8 }, () => promisify(pbkdf2)('a', 'b', 200_000, 64, 'sha512')));

it.each(Object.entries(clients))('gives a client that %s all of it', async (_, read) => {
  const observing = graph('decoding', { state: fields({ parts: last<readonly string[]>([]) }) })
    .node('decode', async () => {
      const parts: string[] = [];
      await read((part) => {
        parts.push(Buffer.from(part).toString());
        proceed();
      });
      return { delta: { parts } };
    })
    .start('decode')
    .build();
  const store = memoryStore();
  await using engine = createEngine(observing, { store, effects: [httpEffects()] });
  const live = await engine.run({}, { runId: 'live' });
  expect(live.state.parts).toEqual(texts);
  const path = await exportRunTo(store, 'live', `${temporaryFolder()}/live.run.jsonl`);
  const sent = sentCount;

  const busy = occupy();
  const { run } = await replay(observing, path);
  expect((run as typeof live).state.parts).toEqual(texts);
  await busy;
  const busyAgain = occupy();
  const crashed = await crashedBeforeOutcome(store, 'live');
  await using again = createEngine(observing, { store: crashed, effects: [httpEffects()] });
  expect((await again.resume('live')).state).toEqual(live.state);
  await busyAgain;
  expect(sentCount).toBe(sent);
});
