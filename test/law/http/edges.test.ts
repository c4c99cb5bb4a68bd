// What clients see at the edges of HTTP (uploads, lost and kept connections, stops, interim answers) is the same without
// Reprise, recorded, replayed, and in a run that is resumed after a crash. Each of these once was not.
import { Agent, request } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { createGunzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEngine, fields, graph, last } from '../../../src/index.ts';
import { httpEffects } from '../../../src/live/http/index.ts';
import { exportRunTo } from '../../../src/record/index.ts';
import { replay } from '../../../src/replay/index.ts';
import { memoryStore } from '../../../src/store/memory/memory.ts';
import { crashedBeforeOutcome } from '../../support/crashed-store.ts';
import { look } from '../../support/error-look.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { LoopbackServer, pause } from '../../support/loopback-server.ts';
import type { Handler } from '../../support/loopback-server.ts';
import { findClosedPort } from './observing-client.ts';

type Saw = (what: string, more?: unknown) => void;

interface Edge {
  readonly serve: Handler;
  readonly ask: (url: string, saw: Saw) => Promise<unknown>;
}

let current: Edge;
/** What the server got. */
let got: unknown[] = [];
let server: LoopbackServer;
let closedPort: number;
beforeAll(async () => {
  const serve: Handler = (asked, answer) => {
    const { 'content-length': length, 'transfer-encoding': coding } = asked.headers;
    got.push([asked.method, asked.url, length, coding]);
    current.serve(asked, answer);
  };
  server = await LoopbackServer.start(serve);
  // Or it says on its own that it waits for the body.
  server.on('checkContinue', serve);
  closedPort = await findClosedPort();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  got = [];
});

async function seenBy({ ask }: Edge): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const saw: Saw = (what, more) => void seen.push(more === undefined ? what : [what, more]);
  await ask(server.url, saw).then(
    () => saw('fulfilled'),
    (error: unknown) => saw('rejected', look(error)),
  );
  return JSON.parse(JSON.stringify(seen)) as readonly unknown[];
}

const graphOf = (edge: Edge) =>
  graph('asking', { state: fields({ seen: last<unknown>(null) }) })
    .node('ask', async () => ({ delta: { seen: await seenBy(edge) } }))
    .start('ask')
    .build();

/** Sends a request, and tells its events in order. */
function send(url: string, options: RequestOptions, saw: Saw, write: (sent: ClientRequest) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options);
    sent.on('finish', () => saw('finish'));
    sent.on('continue', () => saw('continue'));
    sent.on('information', ({ statusCode }) => saw('information', statusCode));
    let failed: unknown;
    sent.on('error', (error) => (failed ??= error));
    sent.on('response', (message) => void read(message, saw).catch((error: unknown) => (failed ??= error)));
    sent.on('close', () => (failed === undefined ? resolve(undefined) : reject(failed)));
    write(sent);
  });
}

async function read(message: IncomingMessage, saw: Saw): Promise<void> {
  saw('head', message.statusCode);
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  saw('body', Buffer.concat(parts).toString());
}

/** Long enough to write a request before, on a busy machine too. */
const stopMs = 150;

const post = { method: 'POST' } as const;
const answerOk: Handler = (asked, answer) => void asked.resume().on('end', () => answer.end('ok'));
const stall: Handler = (asked) => void asked.resume();

const streamOf = (...parts: readonly string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(Buffer.from(part));
      controller.close();
    },
  });

/** Of something that repeats, so that some of it can be decoded. */
const cutOff = gzipSync('a part, '.repeat(500)).subarray(0, 40);

const edges: Readonly<Record<string, Edge>> = {
  'a Request whose body is a short stream': {
    serve: answerOk,
    ask: async (url, saw) => {
      const asked = new Request(url, { ...post, body: streamOf('a', 'b'), duplex: 'half' } as RequestInit);
      saw('body', await (await fetch(asked)).text());
    },
  },
  'a Request whose body is a text': {
    serve: answerOk,
    ask: async (url, saw) => saw('body', await (await fetch(new Request(url, { ...post, body: 'text' }))).text()),
  },
  'a connection that was kept, and is lost': {
    serve: (asked, answer) => {
      if (asked.url === '/lost') asked.socket.resetAndDestroy();
      else answerOk(asked, answer);
    },
    ask: async (url, saw) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      try {
        await send(url, { agent }, saw, (sent) => sent.end());
        await send(`${url}/lost`, { agent }, saw, (sent) => {
          sent.on('error', () => saw('reused', sent.reusedSocket));
          sent.end();
        });
      } finally {
        agent.destroy();
      }
    },
  },
  'a refused connection, and who is asked then': {
    serve: answerOk,
    ask: (url, saw) =>
      new Promise((resolve, reject) => {
        const asked = request(`http://127.0.0.1:${closedPort}`).on('error', () => {
          fetch(url).then(async (answer) => resolve(saw('body', await answer.text())), reject);
        });
        asked.end();
      }),
  },
  'a body that breaks, and who is asked then': {
    serve: (asked, answer) => {
      if (asked.url === '/next') answerOk(asked, answer);
      else answer.writeHead(200, { 'content-length': 8 }).write('half', () => asked.socket.resetAndDestroy());
    },
    ask: (url, saw) =>
      new Promise((resolve, reject) => {
        const then = (): void =>
          void fetch(`${url}/next`).then(async (answer) => resolve(saw('body', await answer.text())), reject);
        const asked = request(url, (message) => message.resume().on('error', then));
        asked.on('error', (error) => saw('error', look(error)));
        asked.end();
      }),
  },
  'a time limit as an option, and who is asked then': {
    serve: (asked, answer) => (asked.url === '/next' ? answerOk(asked, answer) : stall(asked, answer)),
    ask: (url, saw) =>
      new Promise((resolve, reject) => {
        const asked = request(url, { timeout: 100 });
        asked.on('timeout', () => {
          asked.destroy();
          fetch(`${url}/next`).then(async (answer) => resolve(saw('body', await answer.text())), reject);
        });
        asked.on('error', () => saw('destroyed'));
        asked.end();
      }),
  },
  'a signal with a time limit, and who is asked then': {
    serve: (asked, answer) => {
      if (asked.url === '/next') answerOk(asked, answer);
      else setTimeout(() => answer.end('slow'), 2 * stopMs);
    },
    ask: async (url, saw) => {
      const first = fetch(url).then((answer) => answer.text());
      const second = new Promise<string>((resolve, reject) => {
        AbortSignal.timeout(stopMs).addEventListener('abort', () => {
          fetch(`${url}/next`).then((answer) => resolve(answer.text()), reject);
        });
      });
      saw('second', await second);
      saw('first', await first);
    },
  },
  'a handler of undici that throws at the end of an answer': {
    serve: (asked, answer) => void answer.writeHead(asked.url === '/once' ? 500 : 200).end('said'),
    ask: async (url, saw) => {
      const { Agent: UndiciAgent, RetryAgent, request: ask } = await import('undici');
      const agent = new UndiciAgent();
      const dispatcher = new RetryAgent(agent, { maxRetries: 1, minTimeout: 1 });
      try {
        await ask(`${url}/once`, { dispatcher }).then(({ statusCode }) => saw('head', statusCode));
      } finally {
        await agent.close();
      }
    },
  },
  'a coded body that ends too early': {
    serve: (_asked, answer) => void answer.writeHead(200, { 'content-encoding': 'gzip' }).end(cutOff),
    ask: async (url, saw) => {
      const message = await new Promise<IncomingMessage>((resolve) => void request(url, resolve).end());
      for await (const part of message.pipe(createGunzip())) saw('part', String(part));
    },
  },
  'a time limit as an option, and an answer after it': {
    serve: (_asked, answer) => void setTimeout(() => answer.end('late'), 2 * stopMs),
    ask: (url, saw) =>
      send(url, { timeout: stopMs }, saw, (sent) => {
        sent.on('timeout', () => saw('timeout'));
        sent.end();
      }),
  },
  'a redirect to another origin': {
    serve: (asked, answer) => {
      if (asked.url === '/next') answerOk(asked, answer);
      else answer.writeHead(307, { location: `http://localhost:${asked.socket.localPort}/next` }).end();
    },
    ask: async (url, saw) => {
      const answer = await fetch(url);
      saw(answer.type, await answer.text());
    },
  },
  'a body that is made of other answers': {
    serve: answerOk,
    ask: async (url, saw) => {
      const parts = async function* (): AsyncGenerator<Uint8Array> {
        for (const part of ['a', 'b']) yield (await fetch(`${url}/${part}`)).bytes();
      };
      saw('body', await (await fetch(url, { ...post, body: parts(), duplex: 'half' } as never)).text());
    },
  },
  'the address of a refused connection': {
    serve: answerOk,
    ask: async (_url, saw) => {
      const { cause } = (await fetch(`http://127.0.0.1:${closedPort}`).catch((error: unknown) => error)) as Error;
      const { address, port } = cause as unknown as { readonly address: unknown; readonly port: unknown };
      saw('cause', [address, port, Object.keys(cause as object)]);
    },
  },
  'an upload whose source fails': {
    serve: answerOk,
    ask: async (url, saw) => {
      const failing = (): ReadableStream =>
        new ReadableStream({
          start: (controller) => controller.enqueue(Buffer.from('half')),
          pull: async (controller) => {
            await new Promise((resolve) => setTimeout(resolve, stopMs));
            controller.error(new RangeError('no more'));
          },
        });
      const upload = (): RequestInit => ({ ...post, body: failing(), duplex: 'half' }) as RequestInit;
      const fails = (error: unknown): void => saw('failed', look(error));
      await fetch(url, upload()).catch(fails);
      await fetch(new Request(url, upload())).catch(fails);
    },
  },
  'a refused connection': {
    serve: answerOk,
    ask: (_url, saw) => {
      const written = (sent: ClientRequest): unknown => sent.end('body', () => saw('written'));
      return send(`http://127.0.0.1:${closedPort}`, post, saw, written).catch((error: unknown) => {
        saw('error', (look(error) as { readonly code: unknown }).code);
      });
    },
  },
  '100-continue together with the answer': {
    serve: (asked) => {
      const head = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2';
      const answer = `HTTP/1.1 100 Continue\r\n\r\n${head}\r\n\r\nok`;
      asked.resume().on('end', () => asked.socket.end(answer));
    },
    ask: (url, saw) => send(url, { ...post, headers: { expect: '100-continue' } }, saw, (sent) => sent.end('body')),
  },
  'a body that waits for 100-continue': {
    serve: (asked, answer) => {
      answer.writeContinue();
      answerOk(asked, answer);
    },
    ask: (url, saw) =>
      send(url, { ...post, headers: { expect: '100-continue', 'content-length': 4 } }, saw, (sent) => {
        sent.on('continue', () => sent.end('body'));
        sent.flushHeaders();
      }),
  },
  'a request that is destroyed before its body has ended': {
    serve: stall,
    ask: (url, saw) =>
      send(url, post, saw, (sent) => {
        sent.write('half');
        sent.destroy(new Error('given up'));
      }),
  },
  'the end of a body in chunks, in one packet with its last part or later': {
    serve: async (asked, answer) => {
      if (asked.url === '/one') answer.writeHead(200).end('whole');
      else {
        answer.write('part');
        await pause(stopMs);
        answer.end();
      }
    },
    ask: async (url, saw) => {
      const watched = (sent: ClientRequest): void => {
        sent.on('response', (message) => message.on('data', () => saw('has ended', message.complete)));
        sent.end();
      };
      await send(`${url}/one`, {}, saw, watched);
      await send(`${url}/two`, {}, saw, watched);
    },
  },
  'a stop before the head, and what follows from it': {
    serve: (asked, answer) => (asked.url === '/next' ? answerOk(asked, answer) : stall(asked, answer)),
    ask: async (url, saw) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), stopMs);
      await send(url, { ...post, signal: stop.signal }, saw, (sent) => sent.end('body')).catch(() => saw('stopped'));
      await send(`${url}/next`, {}, saw, (sent) => sent.end());
    },
  },
  'a stop in the body, and what follows from it': {
    serve: (asked, answer) => {
      if (asked.url === '/next') answerOk(asked, answer);
      else answer.writeHead(200, { 'content-length': 8 }).write('half');
    },
    ask: async (url, saw) => {
      const stop = new AbortController();
      setTimeout(() => stop.abort(), stopMs);
      const stopped = (error: unknown): void => saw('stopped', look(error));
      await send(url, { signal: stop.signal }, saw, (sent) => sent.end()).catch(stopped);
      await send(`${url}/next`, {}, saw, (sent) => sent.end());
    },
  },
  'a body that breaks, read through pipes': {
    serve: async (_asked, answer) => {
      answer.writeHead(200).write('a part');
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer.destroy();
    },
    ask: async (url, saw) => {
      const body = (await fetch(url)).body as ReadableStream<BufferSource>;
      const letters = (): TransformStream<string, string> =>
        new TransformStream({
          transform(part, to) {
            for (const letter of part) to.enqueue(letter);
          },
        });
      for await (const letter of body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(letters())
        .pipeThrough(letters()))
        saw('letter', letter);
    },
  },
  'a server that says nothing, and an agent with a time limit': {
    serve: stall,
    ask: (url, saw) =>
      send(url, { ...post, agent: new Agent({ timeout: 100 }) }, saw, (sent) => {
        sent.on('timeout', () => {
          saw('timeout');
          sent.destroy();
        });
        sent.end('body');
      }),
  },
  'a fetch that is stopped in its body': {
    serve: (_asked, answer) => void answer.writeHead(200, { 'content-length': 8 }).write('half'),
    ask: async (url, saw) => {
      const stop = new AbortController();
      const answer = await fetch(url, { signal: stop.signal });
      saw('head', answer.status);
      setTimeout(() => stop.abort(), stopMs);
      await answer.text();
    },
  },
};

it.each(Object.entries(edges))('shows %s as it is', async (_name, edge) => {
  current = edge;
  const bare = await seenBy(edge);
  const gotBare = got.splice(0);
  const asking = graphOf(edge);
  const store = memoryStore();
  await using engine = createEngine(asking, { store, effects: [httpEffects()] });
  const live = await engine.run({}, { runId: 'live' }).orThrow();
  expect(live.seen, 'live').toEqual(bare);
  expect(got.splice(0), 'on the wire').toEqual(gotBare);

  const path = await exportRunTo(store, 'live', `${temporaryFolder()}/live.run.jsonl`);
  const replayed = await replay(asking, path);
  expect(replayed.report.divergences, 'replayed').toEqual([]);
  expect(replayed.run.state.seen, 'replayed').toEqual(bare);

  const left = await crashedBeforeOutcome(store, 'live');
  await using resumed = createEngine(asking, { store: left, effects: [httpEffects()] });
  expect((await resumed.resume('live').orThrow()).seen, 'resumed').toEqual(bare);
  expect(got, 'nothing is asked again').toEqual([]);
});
