// A server that sends each byte in a chunk of its own: what recording costs stands beside what the chunks cost a bare client.
import { get as httpGet } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { partsMax } from '../../src/live/http/answer/answer-record.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

/** Bytes of a body. */
const byteCount = 8 * partsMax;
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

interface Cost {
  readonly cpuMs: number;
  readonly peakBytes: number;
}

async function costOf(client: Client): Promise<Cost> {
  const rss = (): number => process.memoryUsage.rss();
  const before = rss();
  let peak = before;
  const look = setInterval(() => {
    peak = Math.max(peak, rss());
  }, 10);
  const begun = process.cpuUsage();
  expect(await client()).toBe(byteCount);
  const { user, system } = process.cpuUsage(begun);
  clearInterval(look);
  return { cpuMs: (user + system) / 1_000, peakBytes: peak - before };
}

describe.each([
  ['node:http', byNodeHttp],
  ['fetch', byFetch],
])('a body in single bytes, by %s', (name, client) => {
  const reading = graph('reading', { state: fields({ length: last(0) }) })
    .node('read', async () => ({ delta: { length: await client() } }))
    .start('read')
    .build();

  it('costs at most four times what it costs a bare client, and replays', { timeout: 120_000 }, async () => {
    await costOf(client);
    const bare = await costOf(client);
    const store = memoryStore();
    await using engine = createEngine(reading, { store, effects: [httpEffects()] });
    const inNode = await costOf(async () => (await engine.run({}, { runId: 'run' }).orThrow()).length);
    const shown = (cost: Cost): string => `${cost.cpuMs.toFixed(0)} ms of CPU, ${(cost.peakBytes / 1e6).toFixed(0)} MB`;
    console.info(`${name}: ${shown(bare)} bare, ${shown(inNode)} recorded`);
    expect(inNode.cpuMs).toBeLessThan(4 * bare.cpuMs);
    // What the collector leaves for later differs from one time to the next; a part that is kept costs 100 bytes and more.
    expect(inNode.peakBytes).toBeLessThan(4 * bare.peakBytes + 96_000_000);
    const path = await exportRunTo(store, 'run', `${temporaryFolder()}/run.run.jsonl`);
    const { run, report } = await replay(reading, path);
    expect(report.verdict).toBe('same');
    expect(run.state).toEqual({ length: byteCount });
  });
});
