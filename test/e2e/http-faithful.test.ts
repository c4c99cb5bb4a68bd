// Compared with a bare client on the same server: recording must not change what the server sees of a node.
import { get } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { currentAttempt } from '../../src/port/attempt.ts';
import { LoopbackServer, flooding, pause } from '../support/loopback-server.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';

const part = Buffer.alloc(64 * 1024, 'x');
/** 640 MB, if a reader took them all. */
const partCount = 10_000;
const nativeFetch = globalThis.fetch;
const { handler, flood } = flooding(part, partCount);
let server: LoopbackServer;
let uninstall: () => void;
beforeAll(async () => {
  server = await LoopbackServer.start(handler);
  uninstall = httpEffects().install(testEngine);
});
afterAll(async () => {
  uninstall();
  await server[Symbol.asyncDispose]();
});

interface Reader {
  /** Reads one part, then stops. */
  readonly first: () => Promise<number>;
  readonly stop: () => unknown;
}
type Client = (url: string) => Promise<Reader>;

const fetchReader: Client = async (url) => bodyReader(await fetch(url));
const keptFetchReader: Client = async (url) => bodyReader(await nativeFetch(url));
function bodyReader(response: Response): Reader {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  return { first: async () => (await reader.read()).value?.byteLength ?? 0, stop: () => reader.cancel() };
}
const abortedFetch: Client = async (url) => {
  const abort = new AbortController();
  const { first } = bodyReader(await fetch(url, { signal: abort.signal }));
  return { first, stop: () => abort.abort() };
};
const messageReader: Client = async (url) => {
  const request = get(url);
  const message = await answerTo(request);
  const first = (): Promise<number> =>
    new Promise((resolve) => {
      message.once('data', (taken: Buffer) => {
        message.pause();
        resolve(taken.byteLength);
      });
    });
  return { first, stop: () => request.destroy() };
};
const pausedReader: Client = async (url) => {
  const request = get(url);
  const message = await answerTo(request);
  const first = async (): Promise<number> => {
    await new Promise((resolve) => message.once('readable', resolve));
    return (message.read(1_000) as Buffer).byteLength;
  };
  return { first, stop: () => message.destroy() };
};

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));
}

interface Seen {
  readonly written: number;
  readonly goneAfterMs: number;
  readonly heldBytes: number;
}

/** What the server saw of a reader that read one part, waited, and stopped. */
async function observe(client: Client, path: string): Promise<Seen & { readonly taken: number }> {
  const before = process.memoryUsage();
  const reader = await client(`${server.url}${path}`);
  const taken = await reader.first();
  // Until nothing more fits into what lies between them.
  for (let was = -1; was < flood(path).written; await pause(150)) was = flood(path).written;
  const after = process.memoryUsage();
  const { written } = flood(path);
  const stoppedAt = performance.now();
  await reader.stop();
  const goneAfterMs = (await flood(path).gone) - stoppedAt;
  const heldBytes = after.arrayBuffers + after.external - before.arrayBuffers - before.external;
  return { taken, written, goneAfterMs, heldBytes };
}

describe.each<[string, Client]>([
  ['fetch and reader.cancel', fetchReader],
  ['fetch and its signal', abortedFetch],
  ['a fetch kept from before, and reader.cancel', keptFetchReader],
  ['node:http, flowing, and request.destroy', messageReader],
  ['node:http, paused, and message.destroy', pausedReader],
])('with %s', (name, client) => {
  it('the server writes as much, and sees the end as soon, as without interception', async () => {
    const path = `/${encodeURIComponent(name)}`;
    const bare = await currentAttempt.exit(() => observe(client, `${path}/bare`));
    const attempt = new RecordedAttempt();
    let ours = await attempt.run(() => observe(client, `${path}/ours`));
    // The machine may have been busy when the reader stopped.
    for (let tries = 1; tries < 5 && ours.goneAfterMs >= bare.goneAfterMs + 250; tries += 1)
      ours = await new RecordedAttempt().run(() => observe(client, `${path}/ours-${tries}`));
    console.info(
      `${name}: server wrote ${bare.written} B bare, ${ours.written} B recorded; saw the end after ${bare.goneAfterMs.toFixed(1)} ms and ${ours.goneAfterMs.toFixed(1)} ms; held ${bare.heldBytes} B and ${ours.heldBytes} B`,
    );
    const outcome = attempt.outcome();
    expect(outcome.ended).toBe('cancelled');
    // What sockets and the system buffer differs from one connection to the next, by a few hundred KB.
    expect(ours.written).toBeLessThan(bare.written * 2 + 1_000_000);
    expect(ours.written).toBeLessThan((partCount * part.byteLength) / 10);
    expect(ours.goneAfterMs).toBeLessThan(bare.goneAfterMs + 250);
    expect(ours.heldBytes).toBeLessThan(bare.heldBytes + 16_000_000);
    const recorded = Buffer.byteLength(String(outcome.body));
    // A fetch that was kept from before is recorded where it sends, and reads a little ahead of its caller.
    if (client === keptFetchReader) expect(recorded).toBeGreaterThanOrEqual(ours.taken);
    else expect(recorded).toBe(ours.taken);
  });
});

describe('time', () => {
  it('adds little to an exchange', async () => {
    await using quick = await LoopbackServer.start((_request, response) => response.end('{"a":1}'));
    const request = async (): Promise<void> => {
      await (await fetch(`${quick.url}/x`, { method: 'POST', body: '{"q":1}' })).json();
    };
    const time = async (count: number): Promise<number> => {
      const begin = process.cpuUsage();
      for (let index = 0; index < count; index += 1) await request();
      const { user, system } = process.cpuUsage(begin);
      return (user + system) / 1_000 / count;
    };
    const recorded = (count: number): Promise<number> => new RecordedAttempt().run(() => time(count));
    await time(100);
    await recorded(100);
    const bare = await time(300);
    const ours = await recorded(300);
    console.info(`an exchange takes ${bare.toFixed(2)} ms of the processor bare, ${ours.toFixed(2)} ms recorded`);
    expect(ours).toBeLessThan(bare * 3 + 2);
  });
});
