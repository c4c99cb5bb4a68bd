import { once } from 'node:events';
import http, { Agent, ClientRequest, get, request as namedRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpEffects } from '../../src/live/http/index.ts';
import { currentAttempt } from '../../src/port/attempt.ts';
import { LoopbackServer, bodyOf, pause } from '../support/loopback-server.ts';
import type { Handler } from '../support/loopback-server.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';
import type { AttemptAnswers } from '../support/recorded-attempt.ts';

/** The original, without Reprise. */
const outside = <Result>(make: () => Result): Result => currentAttempt.exit(make);

let uninstall: () => void;
beforeEach(() => {
  uninstall = httpEffects().install(testEngine);
});
afterEach(() => uninstall());

async function exchange<Result>(
  handler: Handler,
  node: (url: string) => Promise<Result>,
  answers: AttemptAnswers = {},
): Promise<{ result: Result; attempt: RecordedAttempt }> {
  await using server = await LoopbackServer.start(handler);
  const attempt = new RecordedAttempt(answers);
  return { result: await attempt.run(() => node(server.url)), attempt };
}

const answerTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.on('response', resolve).on('error', reject));

async function textOf(request: ClientRequest): Promise<string> {
  return (await bodyOf(await answerTo(request))).toString();
}

const echo: Handler = async (request, response) => {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers;
  const body = (await bodyOf(request)).toString();
  response.end(JSON.stringify({ method: request.method, url: request.url, length, coding, body }));
};

/** A minimal custom agent, which opens its own sockets. */
class OwnAgent extends Agent {
  addRequest(request: ClientRequest, options: { readonly host: string; readonly port: number }): void {
    const socket = connect(options.port, options.host);
    setTimeout(() => (request as unknown as { onSocket(socket: Duplex): void }).onSocket(socket), 5);
  }
}

describe('node:http inside a node', () => {
  it.each<[string, (url: string) => ClientRequest]>([
    ['http.get', (url) => http.get(`${url}/a`)],
    ['http.request', (url) => http.request(`${url}/a`).end()],
    ['a function imported by name', (url) => get(`${url}/a`)],
    ['another one', (url) => namedRequest(new URL(`${url}/a`)).end()],
    ['the class itself', (url) => new ClientRequest(new URL(`${url}/a`)).end()],
    ['an agent that keeps connections', (url) => get(`${url}/a`, { agent: keepAlive })],
    ['no agent', (url) => get(`${url}/a`, { agent: false })],
    ['an agent of its own making', (url) => get(`${url}/a`, { agent: new OwnAgent() })],
    ['a connection of its own making', (url) => get(`${url}/a`, ownConnection(url))],
  ])('records a request made by %s', async (_name, make) => {
    const { result, attempt } = await exchange(echo, async (url) => JSON.parse(await textOf(make(url))) as unknown);
    expect(result).toEqual({ method: 'GET', url: '/a', body: '' });
    expect(attempt.exchanges).toHaveLength(1);
    expect(attempt.exchanges[0]?.request).toEqual({ method: 'GET', origin: 'loopback', path: '/a', query: [] });
    expect(attempt.outcome()).toMatchObject({ status: 200, body: JSON.stringify(result), ended: 'complete' });
    // A socket that user code opens itself is reported: a replay refuses it, even though the exchange on it is
    // recorded.
    expect(attempt.unrecorded.filter((what) => !what.startsWith('a TCP connection'))).toEqual([]);
  });
  const keepAlive = new Agent({ keepAlive: true });
  afterEach(() => keepAlive.destroy());
  const ownConnection = (url: string): RequestOptions => ({
    createConnection: () => connect(Number(new URL(url).port), '127.0.0.1'),
  });

  it.each<[string, (request: ClientRequest) => unknown, unknown]>([
    ['at once', (request) => request.end('{"b":1,"a":2}'), { json: { a: 2, b: 1 } }],
    [
      'in parts',
      (request) => {
        request.write('cafe', 'hex');
        request.write(Buffer.from('x'));
        request.end();
      },
      new Uint8Array([0xca, 0xfe, 120]),
    ],
    [
      'waiting for each',
      async (request) => {
        for (const word of ['one ', 'two'])
          await new Promise<void>((done) => {
            request.write(word, () => done());
          });
        request.end();
      },
      'one two',
    ],
    [
      'by a pipe',
      (request) => Readable.from(['a'.repeat(40_000), 'b'.repeat(40_000)]).pipe(request),
      'a'.repeat(40_000) + 'b'.repeat(40_000),
    ],
    ['by a pipeline', (request) => pipeline(Readable.from(['one ', 'two']), request), 'one two'],
  ])('sends a body written %s as without interception, and records it', async (_how, write, identity) => {
    const send = async (url: string): Promise<string> => {
      const request = http.request(url, { method: 'POST' });
      const text = textOf(request);
      await write(request);
      return text;
    };
    const { result, attempt } = await exchange(echo, async (url) => ({
      ours: await send(url),
      bare: await outside(() => send(url)),
    }));
    expect(result.ours).toBe(result.bare);
    expect(attempt.exchanges[0]?.request.body).toEqual(identity);
  });

  it('emits what a bare request emits, in the same order', async () => {
    const watch = async (url: string): Promise<string[]> => {
      const seen: string[] = [];
      const request = http.request(url, { method: 'POST' });
      for (const event of ['socket', 'finish', 'response', 'close', 'error', 'drain'])
        request.on(event, () => seen.push(event));
      request.end('x');
      const message = await answerTo(request);
      for (const event of ['data', 'end', 'close', 'error']) message.on(event, () => seen.push(`message ${event}`));
      await new Promise((resolve) => request.on('close', resolve));
      await pause(5);
      return seen;
    };
    const { result } = await exchange(echo, async (url) => ({
      ours: await watch(url),
      bare: await outside(() => watch(url)),
    }));
    expect(result.ours).toEqual(result.bare);
  });

  it.each<[string, (message: IncomingMessage) => Promise<string>]>([
    [
      'flowing',
      async (message) =>
        new Promise((resolve) => {
          const parts: Buffer[] = [];
          message
            .on('data', (part: Buffer) => parts.push(part))
            .on('end', () => resolve(Buffer.concat(parts).toString()));
        }),
    ],
    [
      'paused',
      async (message) =>
        new Promise((resolve) => {
          const parts: Buffer[] = [];
          const take = (): void => {
            for (
              let part = message.read(2) ?? message.read();
              part !== null;
              part = message.read(2) ?? message.read()
            ) {
              parts.push(part as Buffer);
            }
          };
          message.on('readable', take).on('end', () => resolve(Buffer.concat(parts).toString()));
        }),
    ],
    [
      'as texts',
      async (message) => {
        message.setEncoding('utf8');
        let text = '';
        for await (const part of message) text += part as string;
        return text;
      },
    ],
    [
      'as hex',
      async (message) => {
        message.setEncoding('hex');
        let text = '';
        for await (const part of message) text += part as string;
        return Buffer.from(text, 'hex').toString();
      },
    ],
    ['as a web stream', async (message) => new Response(Readable.toWeb(message) as never).text()],
  ])('records a body read %s', async (_how, read) => {
    const { result, attempt } = await exchange(
      (_request, response) => {
        response.write(Buffer.from('äöü').subarray(0, 3));
        setTimeout(() => response.end(Buffer.from('äöü').subarray(3)), 10);
      },
      async (url) => read(await answerTo(get(url))),
    );
    expect(result).toBe('äöü');
    expect(attempt.outcome()).toMatchObject({ body: 'äöü', ended: 'complete' });
  });

  it.each([
    ['gzip', gzipSync('unpacked')],
    ['deflate', deflateSync('unpacked')],
    ['br', brotliCompressSync('unpacked')],
    ['zstd', zstdCompressSync('unpacked')],
  ])('records the decoded text of a body in %s, and gives the node its bytes', async (encoding, bytes) => {
    const { result, attempt } = await exchange(
      (_request, response) =>
        response.writeHead(200, { 'content-encoding': encoding, 'content-type': 'text/plain' }).end(bytes),
      async (url) => bodyOf(await answerTo(get(url))),
    );
    expect(result).toEqual(bytes);
    expect(attempt.outcome()).toEqual({
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: 'unpacked',
      ended: 'complete',
    });
  });

  it('keeps the bytes and their encoding if they cannot be decoded', async () => {
    const { attempt } = await exchange(
      (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not packed'),
      async (url) => bodyOf(await answerTo(get(url))),
    );
    expect(attempt.outcome()).toEqual({
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: 'not packed',
      ended: 'complete',
    });
  });

  it('records how much of a body arrived before it broke off', async () => {
    const { result, attempt } = await exchange(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 10);
      },
      async (url) => bodyOf(await answerTo(get(url))).catch((thrown: unknown) => thrown),
    );
    expect(result).toMatchObject({ message: 'aborted', code: 'ECONNRESET' });
    expect(attempt.outcome()).toMatchObject({ body: 'half', ended: 'broken' });
    // The connection just ended: `aborted` is what node:http makes of that.
    expect(attempt.outcome()).not.toHaveProperty('error');
  });

  it('knows a body that broke from one that its client stopped, also where the client stops it because of that', async () => {
    const { attempt } = await exchange(
      (_request, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setTimeout(() => response.destroy(), 10);
      },
      async (url) => {
        const request = get(url);
        const message = await answerTo(request);
        message.on('error', () => undefined).resume();
        const isClosed = once(message, 'close');
        // As `got` does.
        message.once('aborted', () => request.destroy());
        await isClosed.catch(() => undefined);
      },
    );
    expect(attempt.outcome()).toMatchObject({ body: 'half', ended: 'broken' });
  });

  it.each<[string, (request: ClientRequest, message: IncomingMessage) => void]>([
    ['request.destroy', (request) => request.destroy()],
    ['request.abort', (request) => request.abort()],
    ['message.destroy', (_request, message) => message.destroy()],
  ])('records what was read before %s', async (_how, stop) => {
    const gone = Promise.withResolvers<void>();
    const { attempt } = await exchange(
      (_request, response) => {
        response.on('close', gone.resolve).write('first');
      },
      async (url) => {
        const request = get(url).on('error', () => undefined);
        const message = (await answerTo(request)).on('error', () => undefined);
        await new Promise((resolve) => message.once('data', resolve));
        stop(request, message);
        await gone.promise;
      },
    );
    expect(attempt.outcome()).toMatchObject({ body: 'first', ended: 'cancelled' });
  });

  it('records that a loop over a body was left early', async () => {
    const { attempt } = await exchange(
      (_request, response) => {
        response.write('first');
      },
      async (url) => {
        for await (const part of await answerTo(get(url))) if (String(part) === 'first') break;
      },
    );
    expect(attempt.outcome()).toMatchObject({ body: 'first', ended: 'cancelled' });
  });

  it('records that no answer came: reset, refused, aborted, timed out', async () => {
    const stopped = { ended: 'cancelled' };
    const hungUp = { message: 'socket hang up', code: 'ECONNRESET' };
    const refused = { code: 'ECONNREFUSED', syscall: 'connect' };
    const failing: [(url: string) => ClientRequest, object, object][] = [
      [(url) => get(`${url}/reset`), hungUp, { failed: hungUp }],
      [() => get('http://127.0.0.1:1'), refused, { failed: refused }],
      [(url) => get(url, { signal: AbortSignal.timeout(20) }), { name: 'AbortError' }, stopped],
      [
        (url) => {
          const request = get(url, { timeout: 20 });
          return request.on('timeout', () => request.destroy(new Error('too slow')));
        },
        { message: 'too slow' },
        stopped,
      ],
    ];
    for (const [make, expected, recorded] of failing) {
      const { result, attempt } = await exchange(
        (request) => {
          if (request.url === '/reset') request.socket.destroy();
        },
        async (url) => answerTo(make(url)).catch((thrown: unknown) => thrown),
      );
      expect(result).toMatchObject(expected);
      expect(attempt.outcome()).toMatchObject(recorded);
    }
  });

  it('reports that it is closed if it is destroyed before its body is complete', async () => {
    const { result, attempt } = await exchange(echo, async (url) => {
      const watch = (): Promise<string[]> => {
        const seen: string[] = [];
        const request = http.request(url, { method: 'POST' });
        request.write('begun');
        request.on('error', (error) => seen.push(error.message));
        request.destroy();
        return new Promise((resolve) => request.on('close', () => resolve([...seen, 'close'])));
      };
      return { ours: await watch(), bare: await outside(watch) };
    });
    expect(result.ours).toEqual(result.bare);
    expect(attempt.exchanges.map(({ request }) => request.unfinished)).toEqual([true]);
    expect(attempt.outcome()).toEqual({ ended: 'cancelled' });
  });

  it('passes on and reports a request that switches protocols', async () => {
    await using server = await LoopbackServer.start(echo);
    server.on('upgrade', (_request, socket) => {
      socket.resume().on('end', () => socket.end());
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: own\r\nconnection: upgrade\r\n\r\n');
    });
    const attempt = new RecordedAttempt();
    await attempt.run(async () => {
      const upgraded = get(server.url, { headers: { connection: 'upgrade', upgrade: 'own' } });
      const [, socket] = await new Promise<[unknown, Duplex]>((resolve) =>
        upgraded.on('upgrade', (...given) => resolve(given as never)),
      );
      socket.destroy();
    });
    expect(attempt.exchanges).toEqual([]);
    expect(attempt.unrecorded.filter((what) => !what.startsWith('a TCP connection'))).toEqual([
      'GET http://127.0.0.1: it switches protocols',
    ]);
  });

  it('records a request that waits for a 100 Continue before it sends its body', async () => {
    await using server = await LoopbackServer.start(echo);
    const attempt = new RecordedAttempt();
    await attempt.run(async () => {
      const expecting = http.request(server.url, { method: 'POST', headers: { expect: '100-continue' } });
      expecting.on('continue', () => expecting.end('body'));
      expecting.flushHeaders();
      expect(await textOf(expecting)).toContain('"body":"body"');
    });
    expect(attempt.exchanges.map(({ request }) => request.body)).toEqual(['body']);
  });

  it('stops open requests when the attempt is over, and refuses later ones', async () => {
    const gone = Promise.withResolvers<void>();
    await using server = await LoopbackServer.start((request, response) => {
      if (request.url === '/body') response.on('close', gone.resolve).write('first');
    });
    const attempt = new RecordedAttempt();
    const body = attempt.run(() => get(`${server.url}/body`));
    const message = await answerTo(body);
    const never = answerTo(attempt.run(() => get(`${server.url}/never`)));
    const rejected = expect(never).rejects.toThrow('it is over');
    await pause(20);
    attempt.abort(new Error('it is over'));
    await rejected;
    await gone.promise;
    if (!message.destroyed) await new Promise((resolve) => message.on('close', resolve));
    expect(attempt.outcome(0)).toMatchObject({ status: 200, body: '', ended: 'cancelled' });
    await expect(answerTo(attempt.run(() => get(`${server.url}/later`)))).rejects.toThrow(
      `refused: GET ${server.url}/later`,
    );
  });
});

describe('node:http that is not sent', () => {
  const connections: string[] = [];
  const never: Handler = (request, response) => {
    connections.push(request.url ?? '');
    response.writeHead(500).end();
  };
  afterEach(() => expect(connections.splice(0)).toEqual([]));
  const answered = (value: object, parts?: number[]): AttemptAnswers => ({
    answer: () => ({
      kind: 'answered',
      outcome: { kind: 'value', value: value as never },
      ...(parts && { facts: { parts } }),
    }),
  });

  it.each<[string, object]>([
    ['', {}],
    ['over a connection of its own', { agent: new OwnAgent() }],
    ['with an agent that keeps connections', { agent: new Agent({ keepAlive: true }) }],
  ])('is answered from the journal, in the parts in which it arrived, %s', async (_how, options) => {
    const value = { status: 429, headers: { 'retry-after': '1' }, body: 'äbc', ended: 'complete' };
    const { result, attempt } = await exchange(
      never,
      async (url) => {
        const request = http.request(`${url}/x`, { method: 'POST', ...options });
        request.setTimeout(1_000).setNoDelay(true);
        request.end('body');
        const message = await answerTo(request);
        const parts: Buffer[] = [];
        for await (const part of message) parts.push(part as Buffer);
        if (!request.closed) await new Promise((resolve) => request.on('close', resolve));
        return {
          status: message.statusCode,
          after: message.headers['retry-after'],
          parts: parts.map((part) => part.length),
          text: Buffer.concat(parts).toString(),
        };
      },
      answered(value, [1, 3]),
    );
    expect(result).toEqual({ status: 429, after: '1', parts: [1, 3], text: 'äbc' });
    expect(attempt.exchanges[0]?.request.body).toBe('body');
  });

  it('has no body if none was recorded', async () => {
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const { result } = await exchange(
        never,
        async (url) => {
          const message = await answerTo(http.request(url, { method }).end());
          return [message.statusCode, (await bodyOf(message)).length];
        },
        answered({ status, headers: {}, body: '', ended: 'complete' }),
      );
      expect(result).toEqual([status, 0]);
    }
  });

  it('breaks off where the recorded body broke off', async () => {
    const error = Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    const { result } = await exchange(
      never,
      async (url) => {
        const seen: unknown[] = [];
        const message = await answerTo(get(url));
        message.on('data', (part: Buffer) => seen.push(part.toString()));
        await new Promise<void>((resolve) =>
          message.on('error', (thrown) => {
            seen.push(thrown.message);
            resolve();
          }),
        );
        return seen;
      },
      answered({ status: 200, headers: {}, body: 'half', ended: 'broken', error }),
    );
    expect(result).toEqual(['half', 'aborted']);
  });

  it('fails as recorded, is refused, or waits until it is destroyed', async () => {
    const error = Object.freeze(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    const failed: AttemptAnswers = { answer: () => ({ kind: 'answered', outcome: { kind: 'error', error } }) };
    await exchange(
      never,
      async (url) => expect(answerTo(get(url))).rejects.toMatchObject({ code: 'ECONNREFUSED' }),
      failed,
    );
    const refusal = new Error('not here');
    await exchange(never, async (url) => expect(answerTo(get(url))).rejects.toBe(refusal), {
      answer: () => ({ kind: 'refused', error: refusal }),
    });
    await exchange(
      never,
      async (url) =>
        expect(answerTo(get(url, { signal: AbortSignal.timeout(20) }))).rejects.toMatchObject({ name: 'AbortError' }),
      { answer: () => ({ kind: 'silent' }) },
    );
  });
});
