// Dispatchers that a client makes for itself with the undici package: recorded and replayed as others are.
import { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Agent, BalancedPool, Client, Pool, fetch, interceptors, request, stream } from 'undici';
import type { Dispatcher } from 'undici';
import { createEngine, fields, graph, last, memoryStore } from '../../src/index.ts';
import { httpEffects } from '../../src/live/http/index.ts';
import { exportRunTo } from '../../src/record/index.ts';
import { replay } from '../../src/replay/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { LoopbackServer, bodyOf } from '../support/loopback-server.ts';

let server: LoopbackServer;
let count = 0;
beforeAll(async () => {
  server = await LoopbackServer.start(async (asked, response) => {
    count += 1;
    const body = (await bodyOf(asked)).toString();
    if (asked.url === '/moved') response.writeHead(302, { location: '/end' }).end();
    else if (asked.url === '/hints') {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' });
      response.setHeader('trailer', 'x-sum').write('hin');
      response.addTrailers({ 'x-sum': '5' });
      response.end('ts');
    } else response.setHeader('x-two', ['1', '2']).end(`${asked.method} ${asked.url} ${body}`);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

type Options = Omit<Dispatcher.RequestOptions, 'origin' | 'path' | 'method'>;

async function asked(path: string, options: Partial<Dispatcher.RequestOptions> & Options, dispatcher?: Dispatcher) {
  const hints: unknown[] = [];
  const onInfo = ({ statusCode, headers }: { statusCode: number; headers: object }): void =>
    void hints.push([statusCode, headers]);
  const given = dispatcher === undefined ? {} : { dispatcher };
  const answer = await request(`${server.url}${path}`, { ...options, ...given, onInfo } as never);
  const { date: _date, ...headers } = answer.headers;
  return [answer.statusCode, answer.statusText, headers, await answer.body.text(), answer.trailers, hints];
}

async function through<Kind extends Dispatcher>(dispatcher: Kind, ask: (own: Kind) => Promise<unknown>) {
  try {
    return await ask(dispatcher);
  } finally {
    await dispatcher.close();
  }
}

const direct = async (own: Dispatcher): Promise<string> =>
  (await own.request({ path: '/direct', method: 'GET', origin: server.url })).body.text();

const clients: Readonly<Record<string, () => Promise<unknown>>> = {
  'request, with hints and trailers': () => asked('/hints', {}),
  'request, with a stream': () => asked('/up', { method: 'POST', body: Readable.from(['one ', 'two']) }),
  stream: async () => {
    const parts: string[] = [];
    await stream(`${server.url}/stream`, { method: 'GET' }, () => {
      return new Writable({ write: (part, _encoding, done) => done(void parts.push(String(part)) as never) });
    });
    return parts.join('');
  },
  'an agent': () => through(new Agent(), (own) => asked('/agent', { method: 'PUT', body: 'text' }, own)),
  'fetch through an agent': () =>
    through(new Agent(), async (dispatcher) => (await fetch(`${server.url}/fetch`, { dispatcher })).text()),
  'a pool': () => through(new Pool(server.url), (own) => own.request({ path: '/pool', method: 'GET' }).then(textOf)),
  'a client': () => through(new Client(server.url), direct),
  'a pool that chooses': () =>
    through(new BalancedPool([server.url]), (own) => own.request({ path: '/any', method: 'GET' }).then(textOf)),
  'an agent that follows redirects': () =>
    through(new Agent(), (own) => asked('/moved', {}, own.compose(interceptors.redirect({ maxRedirections: 2 })))),
  'an error': () => request('http://127.0.0.1:1/').catch((error: Error & { code: string }) => [error.name, error.code]),
};

const textOf = ({ body }: Dispatcher.ResponseData): Promise<string> => body.text();

describe.each(Object.entries(clients))('%s', (_, ask) => {
  it('gives a node what it gives without Reprise, live and in a replay', async () => {
    const bare = JSON.stringify(await ask());
    const asking = graph('asking', { state: fields({ seen: last('') }) })
      .node('ask', async () => ({ delta: { seen: JSON.stringify(await ask()) } }))
      .start('ask')
      .build();
    const store = memoryStore();
    await using engine = createEngine(asking, { store, effects: [httpEffects()] });
    expect(await engine.run({}, { runId: 'live' })).toMatchObject({ status: 'done', state: { seen: bare }, notes: [] });
    const before = count;
    const path = await exportRunTo(store, 'live', `${temporaryFolder()}/live.run.jsonl`);
    const { run, report } = await replay(asking, path);
    expect(report).toMatchObject({ verdict: 'same', unattributed: [] });
    expect(run.state).toEqual({ seen: bare });
    expect(count).toBe(before);
  });
});
