// A client that stopped when its run was recorded, and reads on in the replay: nothing more can come, and nothing hangs.
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { memoryStore } from '../../src/store/memory/memory.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';

const keptFetch = globalThis.fetch;

const folder = sharedFolder();
let server: LoopbackServer;
beforeAll(async () => {
  // Sends one part, and then nothing; or nothing at all.
  server = await LoopbackServer.start((request, response) => {
    if (request.url === '/part') response.write('part');
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Reads one part, and stops or reads on; gives what it has read, and the error that it ended with. */
type Client = (readsOn: boolean) => Promise<string>;

const fetching =
  (ask: typeof fetch, stops: 'reader' | 'signal'): Client =>
  async (readsOn) => {
    const stop = new AbortController();
    const { body } = await ask(`${server.url}/part`, { signal: stop.signal });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    if (!readsOn && stops === 'signal') stop.abort();
    else if (!readsOn) await reader.cancel();
    if (readsOn) await reader.read();
    return Buffer.from(first.value as Uint8Array).toString();
  };

const requesting: Client = async (readsOn) => {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const message = await new Promise<IncomingMessage>((resolve) => {
    get(`${server.url}/part`, resolve).on('error', reject);
  });
  message.on('error', () => undefined);
  const read = String(await new Promise((resolve) => message.once('data', resolve)));
  if (readsOn) return failed;
  failed.catch(() => undefined);
  message.destroy();
  return read;
};

const unanswered: Client = async (readsOn) => {
  const stop = new AbortController();
  const asked = fetch(`${server.url}/nothing`, { signal: stop.signal });
  if (readsOn) return asked.then(String);
  asked.catch(() => undefined);
  await after(20);
  stop.abort();
  return 'gave up';
};

describe.concurrent.each<readonly [string, Client]>([
  ['fetch, cancelled by its reader', fetching((...given) => fetch(...given), 'reader')],
  ['fetch, stopped by its signal', fetching((...given) => fetch(...given), 'signal')],
  ['a fetch kept from before', fetching(keptFetch, 'reader')],
  ['node:http', requesting],
  ['fetch, stopped before an answer came', unanswered],
])('%s', (name, client) => {
  it('is told in the replay that no more was recorded', async ({ expect }) => {
    let readsOn = false;
    let error: unknown;
    const reading = graph('reading', { state: fields({ read: last('') }) })
      .node('read', async () => {
        try {
          return { delta: { read: await client(readsOn) } };
        } catch (thrown) {
          error = thrown;
          return { delta: { read: 'failed' } };
        }
      })
      .start('read')
      .build();
    const store = memoryStore();
    await using engine = createEngine(reading, { store, effects: [httpEffects()] });
    await engine.run({}, { runId: 'live' });
    const path = await exportRunTo(store, 'live', join(folder, `${name.replaceAll(/\W+/g, '-')}.run.jsonl`));
    expect((await replay(reading, path)).report.verdict).toBe('same');

    readsOn = true;
    const { report } = await replay(reading, path);
    // A client may wrap what it gets.
    const { cause = error } = error as Error;
    expect(cause).toMatchObject({ code: 'effect-missing', message: expect.stringContaining('1.0#1:http:') as unknown });
    expect(report.verdict).toBe('diverged');
    expect(report.divergences).toContainEqual(
      expect.objectContaining({
        kind: 'missing effect',
        node: 'read',
        path: 'answer',
        recorded: 'stopped',
        replayed: 'read on',
        address: expect.stringMatching(/^1\.0#1:http:/) as unknown,
      }),
    );
  });
});
