// The header named by `idempotencyHeader`, as a server sees it, for every way to make a request.
import http from 'node:http';
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import type { HttpEffectsOptions, SentRequest } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { LoopbackServer, bodyOf } from '../support/loopback-server.ts';
import { RecordedAttempt, testEngine } from '../support/recorded-attempt.ts';

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  /** The values of all headers with the key's name, one by one. */
  readonly keys: readonly string[];
  readonly body: string;
  readonly headerCount: number;
}

let seen: Seen[];
let server: LoopbackServer;
let uninstall: () => void;
const installed = (options: HttpEffectsOptions): void => {
  uninstall();
  uninstall = httpEffects(options).install(testEngine);
};
beforeEach(async () => {
  seen = [];
  uninstall = httpEffects({ idempotencyHeader: () => 'Idempotency-Key' }).install(testEngine);
  server = await LoopbackServer.start(async (request, response) => {
    const { method, url, rawHeaders } = request;
    const body = (await bodyOf(request)).toString();
    const keys = request.headersDistinct['idempotency-key'] ?? [];
    seen.push({ method, url, keys, body, headerCount: rawHeaders.length / 2 });
    response.setHeader('content-type', 'application/json');
    response.end(request.url === '/token' ? '{"access_token":"token","expires_in":3600}' : answer);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  uninstall();
  await server[Symbol.asyncDispose]();
});
const answer = JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text: 'served' }] } }] });

async function textOf(request: ClientRequest): Promise<string> {
  const message = await new Promise<IncomingMessage>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  );
  return (await bodyOf(message)).toString();
}

const posted = (options: RequestOptions = {}): ClientRequest =>
  http.request(server.url, { method: 'POST', ...options });
function inParts(request: ClientRequest, ...parts: readonly (string | Buffer)[]): ClientRequest {
  for (const part of parts.slice(0, -1)) request.write(part);
  setImmediate(() => request.end(parts.at(-1)));
  return request;
}
const ownConnection = (): RequestOptions => ({
  createConnection: () => connect(Number(new URL(server.url).port), '127.0.0.1'),
});
const withRawHeaders = (): RequestOptions => ({
  headers: ['Host', new URL(server.url).host, 'Content-Length', '2'] as unknown as OutgoingHttpHeaders,
});
function corked(request: ClientRequest): ClientRequest {
  request.cork();
  return request;
}
function flushed(request: ClientRequest): ClientRequest {
  request.flushHeaders();
  return request;
}

describe('the header named by idempotencyHeader', () => {
  it.each<[string, () => ClientRequest, string]>([
    ['a body in several parts', () => inParts(posted(), 'a', 'b', 'c'), 'abc'],
    ['parts beyond ASCII', () => inParts(posted(), 'ä', '日本', '🙂'), 'ä日本🙂'],
    ['parts of bytes', () => inParts(posted(), Buffer.from('a'), Buffer.from('b')), 'ab'],
    ['parts of a known length', () => inParts(posted({ headers: { 'content-length': 3 } }), 'a', 'bc'), 'abc'],
    ['a body at once', () => posted().end('abc'), 'abc'],
    ['bytes at once', () => posted().end(Buffer.from('abc')), 'abc'],
    ['a body in another encoding', () => posted().end('616263', 'hex'), 'abc'],
    ['no body', () => posted().end(), ''],
    ['a head that is flushed first', () => inParts(flushed(posted()), 'a', 'b'), 'ab'],
    ['a corked request', () => corked(posted()).end('abc'), 'abc'],
    ['headers that were rendered when it was made', () => inParts(posted(withRawHeaders()), 'a', 'b'), 'ab'],
    ['a connection of its own making', () => inParts(posted(ownConnection()), 'a', 'b'), 'ab'],
    ['no agent', () => inParts(posted({ agent: false }), 'a', 'b'), 'ab'],
    ['http.get', () => http.get(server.url), ''],
  ])('is sent once, and changes nothing else, with %s', async (_name, make, body) => {
    const bare = await textOf(make());
    const attempt = new RecordedAttempt();
    expect(await attempt.run(async () => textOf(make()))).toBe(bare);
    const [plain, keyed] = seen;
    expect(plain).toMatchObject({ keys: [], body });
    expect(keyed).toEqual({ ...plain, keys: ['key'], headerCount: (plain?.headerCount ?? 0) + 1 });
    expect(attempt.outcome()).toMatchObject({ status: 200, body: bare, ended: 'complete' });
  });

  it('is sent even if earlier entries must be journaled first', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const attempt = new RecordedAttempt({ ready: promise });
    const text = attempt.run(async () => textOf(inParts(posted(), 'a', 'b')));
    await new Promise((done) => setTimeout(done, 20));
    expect(seen).toEqual([]);
    resolve(undefined);
    await text;
    expect(seen).toMatchObject([{ keys: ['key'], body: 'ab' }]);
  });

  it.each<[string, (headers: Record<string, string>) => Promise<unknown>]>([
    ['fetch', async (headers) => (await fetch(server.url, { method: 'POST', body: 'abc', headers })).text()],
    ['node:http', async (headers) => textOf(inParts(posted({ headers }), 'a', 'bc'))],
  ])('keeps the value set by the caller, however it is spelled: %s', async (_name, send) => {
    await new RecordedAttempt().run(async () => {
      await send({ 'IDEMPOTENCY-key': 'own' });
      await send({ 'idempotency-key': '' });
      await send({});
    });
    expect(seen.map(({ keys }) => keys)).toEqual([['own'], [''], ['key']]);
  });

  it('does not change the identity of the request, even if that header counts', async () => {
    const identities = async (options: HttpEffectsOptions): Promise<unknown[]> => {
      installed({ ...options, match: { headers: ['idempotency-key'] } });
      const attempt = new RecordedAttempt();
      await attempt.run(async () => {
        await textOf(inParts(posted(), 'a', 'b'));
        await textOf(http.get(server.url));
        await (await fetch(server.url)).text();
      });
      return attempt.exchanges.map(({ request }) => request);
    };
    expect(await identities({ idempotencyHeader: () => 'Idempotency-Key' })).toEqual(await identities({}));
    expect(seen.map(({ keys }) => keys)).toEqual([['key'], ['key'], ['key'], [], [], []]);
  });

  it.each<[string, HttpEffectsOptions]>([
    ['recorded with it', { idempotencyHeader: () => 'Idempotency-Key' }],
    ['recorded without it', {}],
  ])('makes no difference to a replay of a run %s', async (_name, options) => {
    const paying = graph('paying', { state: fields({ answer: last<string>('none') }) })
      .node('pay', async () => ({ delta: { answer: await textOf(inParts(posted(), '{"amount":', '3}')) } }))
      .start('pay')
      .build();
    const store = memoryStore();
    const engine = createEngine(paying, { store, effects: [httpEffects(options)] });
    const run = await engine.run({} as never, { runId: 'run', seed: 's' });
    await engine.close();
    expect(run).toMatchObject({ status: 'done', state: { answer } });
    const hasHeader = options.idempotencyHeader !== undefined;
    expect(seen).toMatchObject([{ keys: hasHeader ? [expect.stringMatching(/^[0-9a-f]{32}$/)] : [] }]);
    const folder = mkdtempSync(join(tmpdir(), 'reprise-idempotency-'));
    try {
      const path = join(folder, 'run.jsonl');
      await exportRunTo(store, 'run', path);
      const { report } = await replay(paying, path);
      expect(report).toMatchObject({ verdict: 'same', networkCalls: 0, divergences: [] });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    expect(seen).toHaveLength(1);
  });

  it('depends on method and address, as fetch names them, and is left out if not named', async () => {
    const asked: SentRequest[] = [];
    installed({
      idempotencyHeader: (request) => {
        asked.push(request);
        return request.method === 'POST' ? 'Idempotency-Key' : undefined;
      },
    });
    await new RecordedAttempt().run(async () => {
      await textOf(http.get(`${server.url}/a?b=c`));
      await textOf(inParts(posted(ownConnection()), 'a', 'b'));
      const elsewhere = { host: 'example.test', port: 80, ...ownConnection() };
      await textOf(http.request({ path: '/pay', method: 'POST', ...elsewhere }).end());
    });
    expect(asked).toEqual([
      { method: 'GET', url: `${server.url}/a?b=c` },
      { method: 'POST', url: `${server.url}/` },
      { method: 'POST', url: 'http://example.test/pay' },
    ]);
    expect(seen.map(({ keys }) => keys)).toEqual([[], ['key'], ['key']]);
  });

  it.each<[string, () => string, RegExp]>([
    ['no header can have', () => 'not a name', /not a name/],
    ['was not found', () => expect.fail('nobody knows'), /nobody knows/],
  ])('fails the request, unsent, if its name %s', async (_name, idempotencyHeader, message) => {
    installed({ idempotencyHeader });
    const attempt = new RecordedAttempt();
    await attempt.run(async () => {
      await expect(fetch(server.url, { method: 'POST', body: 'abc' })).rejects.toThrow(message);
      await expect(textOf(inParts(posted(), 'a', 'b'))).rejects.toThrow(message);
    });
    expect(seen).toEqual([]);
    expect(String(attempt.outcome(1).failed)).toMatch(message);
  });

  it('does not affect a request that was stopped before it could be sent', async () => {
    const attempt = new RecordedAttempt();
    await attempt.run(async () => {
      const stopped = posted({ signal: AbortSignal.abort() });
      await expect(textOf(stopped.end())).rejects.toThrow(/aborted/);
    });
    expect(seen).toEqual([]);
  });
});

describe('with the official clients', () => {
  it('is also on what they send by node:http: the token request of @google/genai', async () => {
    // The client logs which of its credentials it uses.
    vi.spyOn(console, 'debug').mockReturnValue();
    const client = new GoogleGenAI({
      vertexai: true,
      project: 'p',
      location: 'l',
      httpOptions: { baseUrl: server.url },
      googleAuthOptions: {
        credentials: { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' },
        clientOptions: { endpoints: { oauth2TokenUrl: `${server.url}/token` } },
      },
    });
    const ask = (): Promise<string | undefined> =>
      client.models.generateContent({ model: 'm', contents: 'Tell me.' }).then(({ text }) => text);
    expect(await new RecordedAttempt().run(ask)).toBe('served');
    expect(seen).toMatchObject([
      { method: 'POST', url: '/token', keys: ['key'], body: expect.stringContaining('refresh_token=r') },
      { method: 'POST', keys: ['key'], body: expect.stringContaining('Tell me.') },
    ]);
  });
});
