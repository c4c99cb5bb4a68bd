// Uploads leave as they are written, and clients that wait for the server before they end their body get what they wait
// for: live, and from a recording.
import http from 'node:http';
import { join } from 'node:path';
import { createEngine, fields, graph, last, memoryStore } from 'reprise';
import type { AnyGraph } from 'reprise';
import { describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/export-run.ts';
import { replay } from '../../src/replay/replay.ts';
import { sharedFolder } from '../support/folder.ts';
import { LoopbackServer } from '../support/loopback-server.ts';
import type { Handler } from '../support/loopback-server.ts';

const folder = sharedFolder();

/** Acknowledges every part of a body as it comes. */
const acknowledging: Handler = (request, response) => {
  response.writeHead(200);
  request.on('data', (part) => response.write(`ack ${String(part)};`));
  request.on('end', () => response.end('bye'));
};

type Client = (url: string, second: string) => Promise<string>;

const byNodeHttp: Client = (url, second) =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST' }, (message) => {
      let text = '';
      message.on('data', (part) => {
        text += String(part);
        if (text === 'ack 1;') request.end(second);
      });
      message.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.write('1');
  });

const onItsSocket: Client = (url, second) =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST' }, (message) => {
      let text = '';
      message.on('data', (part) => (text += String(part)));
      message.on('end', () => resolve(text));
    });
    request.on('error', reject);
    request.on('socket', () => request.end(second));
  });

const byFetch: Client = async (url, second) => {
  let push: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      push = controller;
      controller.enqueue(Buffer.from('1'));
    },
  });
  const reader = (await fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit)).body?.getReader();
  let text = '';
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    text += Buffer.from(part.value).toString();
    if (text !== 'ack 1;') continue;
    push?.enqueue(Buffer.from(second));
    push?.close();
  }
  return text;
};

/** A Request does not say that its body is a stream. */
const byRequest: Client = async (url, second) => {
  const native = globalThis.fetch;
  const asRequest = ((input: string, init: RequestInit) => native(new Request(input, init))) as typeof fetch;
  globalThis.fetch = asRequest;
  try {
    return await byFetch(url, second);
  } finally {
    globalThis.fetch = native;
  }
};

function asking(client: () => Promise<string>): AnyGraph {
  return graph('asking', { state: fields({ text: last<string>('') }) })
    .node('ask', async () => ({ delta: { text: await client() } }))
    .start('ask')
    .build();
}

let count = 0;

async function recorded(given: AnyGraph, options: Parameters<typeof httpEffects>[0] = {}): Promise<string> {
  count += 1;
  const runId = `run-${count}`;
  const store = memoryStore();
  const engine = createEngine(given, { store, effects: [httpEffects(options)] });
  const run = await engine.run({}, { runId });
  expect(run).toMatchObject({ status: 'done', notes: [] });
  const fixture = await exportRunTo(store, runId, join(folder, `${runId}.run.jsonl`));
  await engine.close();
  return fixture;
}

describe.each([
  ['node:http that writes on', byNodeHttp],
  ['node:http that writes on its socket', onItsSocket],
  ['fetch with a stream', byFetch],
  ['fetch with a Request', byRequest],
])('a client that waits for the server before it ends its body: %s', (_name, client) => {
  it('gets its answer live, from a recording, and is told apart by what it wrote', async () => {
    const server = await LoopbackServer.start(acknowledging);
    let second = '2';
    const given = asking(() => client(server.url, second));
    const bare = await client(server.url, '2');
    const fixture = await recorded(given);
    await server[Symbol.asyncDispose]();
    const same = await replay(given, fixture);
    expect((same.run as { readonly state: unknown }).state).toEqual({ text: bare });
    expect(same.report).toMatchObject({ verdict: 'same', divergences: [] });
    second = 'other';
    expect((await replay(given, fixture)).report.verdict).toBe('diverged');
  });

  it('is not kept waiting by a policy that has to know its request', async () => {
    await using server = await LoopbackServer.start(acknowledging);
    const fixture = await recorded(
      asking(() => client(server.url, '2')),
      { idempotencyHeader: () => 'idempotency-key' },
    );
    expect(fixture).toContain('run-');
  });
});

describe('an upload', () => {
  it.each([
    ['node:http', 'http'],
    ['fetch', 'fetch'],
  ])('of %s arrives while it is written', async (_name, by) => {
    const arrived = Promise.withResolvers<void>();
    await using server = await LoopbackServer.start((request, response) => {
      let bytes = 0;
      request.on('data', (part: Buffer) => {
        bytes += part.byteLength;
        arrived.resolve();
      });
      request.on('end', () => response.end(String(bytes)));
    });
    async function* parts(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(1_000, 'a');
      // Nothing more is written until the server has the first part.
      await arrived.promise;
      yield Buffer.alloc(1_000, 'b');
    }
    const upload = async (): Promise<string> => {
      if (by === 'fetch') {
        const body = parts() as unknown as BodyInit;
        return (await fetch(server.url, { method: 'POST', body, duplex: 'half' } as RequestInit)).text();
      }
      const request = http.request(server.url, { method: 'POST' });
      const answer = new Promise<string>((resolve, reject) => {
        request.on('error', reject).on('response', (message) => {
          let text = '';
          message.on('data', (part) => (text += String(part))).on('end', () => resolve(text));
        });
      });
      for await (const part of parts()) request.write(part);
      request.end();
      return answer;
    };
    const given = asking(upload);
    const fixture = await recorded(given);
    // The replay has no server that could resolve it: it has been.
    expect((await replay(given, fixture)).report.verdict).toBe('same');
  });
});
