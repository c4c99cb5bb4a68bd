// A server that sends each byte in a chunk of its own: each part that is kept takes a hundred bytes of memory.
import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { partsMax } from '../../src/live/http/answer/answer-record.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import type { EffectEntry } from '../../src/journal/entry.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collected } from '../support/journals.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

/** Bytes of a body. */
const byteCount = (process.env.REPRISE_TEST_SIZE === 'long' ? 8 : 2) * partsMax;
const chunk = '1\r\nx\r\n';
const chunksAtOnce = 16_384;

/** Without end to its patience: as fast as the client takes it. */
function sendTiny(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n');
  const piece = Buffer.from(chunk.repeat(chunksAtOnce));
  let sent = 0;
  const more = (): void => {
    while (sent < byteCount) {
      sent += chunksAtOnce;
      if (!socket.write(piece)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.end('0\r\n\r\n');
  };
  more();
}

let server: LoopbackServer;
beforeAll(async () => {
  server = await LoopbackServer.start(({ socket }) => sendTiny(socket));
});
afterAll(() => server[Symbol.asyncDispose]());

type Client = () => Promise<number>;

const byNodeHttp: Client = () =>
  new Promise((resolve, reject) => {
    const read = (message: IncomingMessage): void => {
      let length = 0;
      message.on('data', (part: Buffer) => {
        length += part.byteLength;
      });
      message.on('end', () => resolve(length)).on('error', reject);
    };
    httpGet(server.url, read).on('error', reject);
  });

const byFetch: Client = async () => {
  let length = 0;
  const { body } = await fetch(server.url);
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) length += part.byteLength;
  return length;
};

describe.each([
  ['node:http', byNodeHttp],
  ['fetch', byFetch],
])('a body in single bytes, by %s', (_name, client) => {
  const reading = graph('reading', { state: fields({ length: last(0) }) })
    .node('read', async () => ({ delta: { length: await client() } }))
    .start('read')
    .build();

  it('is kept in few parts, and replays', { timeout: 120_000 }, async () => {
    const store = memoryStore();
    await using engine = createEngine(reading, { store, effects: [httpEffects()] });
    expect((await engine.run({}, { runId: 'run' }).orThrow()).length).toBe(byteCount);
    const [exchange] = (await collected(store.read('run'))).filter(({ kind }) => kind === 'effect');
    const { parts = [] } = (exchange as EffectEntry).observed;
    expect(parts.length).toBeLessThanOrEqual(partsMax + 1);
    expect(parts.reduce((sum, length) => sum + length, 0)).toBe(byteCount);
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    const { run, report } = await replay(reading, path);
    expect(report.verdict).toBe('same');
    expect(run.state).toEqual({ length: byteCount });
  });
});
